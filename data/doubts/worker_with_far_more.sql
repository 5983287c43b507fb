-- Given to a worker who has more than five times as many open cases as the worker in the middle. A
-- list that nobody works from looks like that, and so does a manager's name. If it is nobody, put
-- its code under duty_desks in partnership.toml.
WITH open_case AS (
    SELECT r.referral_id, r.team_id, r.received_at, UPPER(TRIM(r.allocated_to_key)) AS worker
    FROM prepared.referral AS r
    WHERE r.closed_on IS NULL AND r.named_worker_on IS NOT NULL AND r.allocated_to_key IS NOT NULL
),
load AS (
    SELECT worker, COUNT(*) AS cases FROM open_case GROUP BY worker
)
SELECT 'referral' AS table_name, o.referral_id AS row_key, o.team_id AS area, o.received_at AS day
FROM open_case AS o
JOIN load AS l ON l.worker = o.worker
WHERE l.cases > 5 * (SELECT MEDIAN(cases) FROM load)
