-- practice_took_part: the practice, where somebody from it took part, in the room or from elsewhere,
--     and its people were the team's on that day.
SELECT
    a.*,
    CASE WHEN COALESCE(a.mode, '') <> 'written' THEN p.code END AS practice_took_part
FROM main.mdt_attendance AS a
LEFT JOIN prepared.practice_area AS p
    ON p.code = a.practice_code
    AND p.team_id = a.team_id
    AND p.valid_from <= a.held_on
    AND p.valid_to > a.held_on
