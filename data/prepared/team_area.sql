-- Which team and locality a team's code stands for, and on which days. valid_to is exclusive.
SELECT
    team_id AS code,
    team_id,
    locality_id,
    valid_from,
    COALESCE(valid_to, DATE '9999-12-31') AS valid_to
FROM main.team
