-- People on a team's list and the days for which that count is the latest one: from the day it was
-- taken until the team's next one on the same basis. valid_to is exclusive.
SELECT
    p.team_id,
    p.age_band,
    p.sex,
    p.basis,
    p.people,
    p.as_at AS valid_from,
    COALESCE(n.next_as_at, DATE '9999-12-31') AS valid_to
FROM main.population AS p
JOIN (
    SELECT
        team_id,
        basis,
        as_at,
        LEAD(as_at) OVER (PARTITION BY team_id, basis ORDER BY as_at) AS next_as_at
    FROM (SELECT DISTINCT team_id, basis, as_at FROM main.population)
) AS n
    ON n.team_id = p.team_id AND n.basis = p.basis AND n.as_at = p.as_at
