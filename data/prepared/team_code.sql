-- Which team and locality a team's code in a file stands for, and on which days. A code that is
-- still used after its team has closed stands for the team that took over, where one team took over
-- all of it (renamed, or merged into one). Otherwise it stands for nobody. valid_to is exclusive.
WITH RECURSIVE handed_on AS (
    SELECT
        l.from_team_id,
        MAX(l.to_team_id) AS to_team_id,
        GREATEST(MAX(l.changed_on), MAX(c.closed_on)) AS handed_on
    FROM main.team_lineage AS l
    JOIN (
        SELECT code, MAX(valid_to) AS closed_on
        FROM prepared.team_area
        GROUP BY code
        HAVING MAX(valid_to) < DATE '9999-12-31'
    ) AS c ON c.code = l.from_team_id
    -- What was redrawn while the team lived on is not what became of it.
    WHERE l.from_team_id <> l.to_team_id AND (l.kind <> 'boundary' OR l.changed_on >= c.closed_on)
    GROUP BY l.from_team_id
    HAVING COUNT(*) = 1 AND MIN(l.kind) IN ('rename', 'merge') AND MIN(l.share) = 1
),
stands_for AS (
    SELECT from_team_id AS code, to_team_id AS team_id, handed_on FROM handed_on
    UNION
    SELECT s.code, h.to_team_id, GREATEST(s.handed_on, h.handed_on)
    FROM stands_for AS s
    JOIN handed_on AS h ON h.from_team_id = s.team_id
)
SELECT code, team_id, locality_id, valid_from, valid_to FROM prepared.team_area
UNION ALL
SELECT s.code, t.team_id, t.locality_id, GREATEST(s.handed_on, t.valid_from), t.valid_to
FROM stands_for AS s
JOIN prepared.team_area AS t ON t.code = s.team_id AND t.valid_to > s.handed_on
