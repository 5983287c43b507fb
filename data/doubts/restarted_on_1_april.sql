-- Begins on 1 April, and the same person had the same thing before it and it had not ended. A
-- return for the financial year writes the start of the year for the start. Keep the earlier row.
WITH event AS (
    SELECT 'service' AS table_name, service_id AS row_key, team_id AS area, person_key, type,
        started_on, ended_on
    FROM main.service
    UNION ALL
    SELECT 'assessment', assessment_id, team_id, person_key, type, started_on, ended_on
    FROM main.assessment
)
SELECT e.table_name, e.row_key, e.area, e.started_on AS day
FROM event AS e
WHERE MONTH(e.started_on) = 4 AND DAY(e.started_on) = 1
    AND EXISTS (
        SELECT 1 FROM event AS twin
        WHERE twin.table_name = e.table_name
            AND twin.person_key = e.person_key
            AND twin.type = e.type
            AND twin.started_on < e.started_on
            AND (twin.ended_on IS NULL OR twin.ended_on >= e.started_on)
    )
