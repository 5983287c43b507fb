-- Still open after the person had died, or closed later than that. It is counted as closed on the
-- day of death. Close it where it was made.
SELECT 'referral' AS table_name, r.referral_id AS row_key, r.team_id AS area, r.received_at AS day
FROM main.referral AS r
JOIN prepared.person_death AS p ON p.person_key = r.person_key
WHERE CAST(r.received_at AS DATE) <= p.died_on AND (r.closed_on IS NULL OR r.closed_on > p.died_on)
UNION ALL
SELECT 'service', s.service_id, s.team_id, s.started_on
FROM main.service AS s
JOIN prepared.person_death AS p ON p.person_key = s.person_key
WHERE s.started_on <= p.died_on AND s.ended_on IS NULL
