-- Begun after the person had died. Either the date of death is wrong, or the person. Correct
-- whichever is.
WITH event AS (
    SELECT 'referral' AS table_name, referral_id AS row_key, person_key, team_id AS area,
        received_at AS day
    FROM main.referral
    UNION ALL
    SELECT 'contact', contact_id, person_key, team_id, started_at FROM main.contact
    UNION ALL
    SELECT 'service', service_id, person_key, team_id, started_on FROM main.service
    UNION ALL
    SELECT 'assessment', assessment_id, person_key, team_id, started_on FROM main.assessment
    UNION ALL
    SELECT 'hospital_spell', spell_id, person_key, practice_code, admitted_on
    FROM main.hospital_spell
    UNION ALL
    SELECT 'ed_attendance', attendance_id, person_key, practice_code, arrived_at
    FROM main.ed_attendance
)
SELECT e.table_name, e.row_key, e.area, e.day
FROM event AS e
JOIN prepared.person_death AS p ON p.person_key = e.person_key
WHERE CAST(e.day AS DATE) > p.died_on
