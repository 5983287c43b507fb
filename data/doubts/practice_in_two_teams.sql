-- On some days the practice is in two teams, and what its people need would be counted twice. Set
-- valid_to of the earlier row to the day on which the later one begins.
SELECT 'practice_team' AS table_name, CONCAT_WS(', ', a.practice_code, a.valid_from) AS row_key,
    a.practice_code AS area, a.valid_from AS day
FROM main.practice_team AS a
JOIN main.practice_team AS b
    ON a.practice_code = b.practice_code
    AND a.valid_from < COALESCE(b.valid_to, DATE '9999-12-31')
    AND b.valid_from < COALESCE(a.valid_to, DATE '9999-12-31')
    AND (a.valid_from, a.team_id) > (b.valid_from, b.team_id)
