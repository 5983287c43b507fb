-- The practices whose people are a team's, and since when. until_on is blank where they still are.
SELECT
    code AS practice_code,
    team_id,
    valid_from AS from_on,
    CASE WHEN valid_to < DATE '9999-12-31' THEN valid_to END AS until_on
FROM prepared.practice_area
