-- begins_visit: false where it only says again what another worker noted of the same visit: the
--     same person, another worker, begun at most 15 minutes after the one before. Both rows stay,
--     and the visit counts once. A time of midnight is a day without a time, and says nothing.
SELECT
    c.*,
    NOT COALESCE(
        c.started_at <= LAG(c.started_at) OVER visits + INTERVAL 15 MINUTE
        AND c.worker_key <> LAG(c.worker_key) OVER visits
        AND c.started_at <> DATE_TRUNC('day', c.started_at)
        AND c.person_key IS NOT NULL,
        FALSE
    ) AS begins_visit
FROM main.contact AS c
WINDOW visits AS (PARTITION BY c.person_key ORDER BY c.started_at, c.contact_id)
