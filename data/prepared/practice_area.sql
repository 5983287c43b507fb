-- Which team and locality a practice's people belong to, and on which days: a practice can move
-- between teams, and a team between localities, so the two spans are cut to where they overlap.
SELECT
    p.practice_code AS code,
    t.team_id,
    t.locality_id,
    GREATEST(p.valid_from, t.valid_from) AS valid_from,
    LEAST(COALESCE(p.valid_to, DATE '9999-12-31'), t.valid_to) AS valid_to
FROM main.practice_team AS p
JOIN prepared.team_code AS t
    ON t.code = p.team_id
    AND t.valid_from < COALESCE(p.valid_to, DATE '9999-12-31')
    AND t.valid_to > p.valid_from
