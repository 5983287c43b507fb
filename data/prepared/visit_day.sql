-- One row for each person, day and team that visited the person at home on that day. A visit of which
-- nobody knows the person is of no day here: it cannot be put beside another.
-- separate_professions: how many professions came by themselves on that day, of this team or another.
--     A joint visit and planned double-up care are one visit, made together: they count as none of
--     these. Two visits of one profession are a rota, such as insulin twice a day.
WITH visit AS (
    SELECT
        person_key,
        CAST(started_at AS DATE) AS day,
        team_id,
        CASE WHEN NOT is_joint AND NOT planned_double_up THEN profession_id END AS came_alone
    FROM prepared.home_visit
    WHERE person_key IS NOT NULL
),
whole_day AS (
    SELECT person_key, day, COUNT(DISTINCT came_alone) AS separate_professions
    FROM visit
    GROUP BY person_key, day
)
SELECT t.person_key, t.day, t.team_id, w.separate_professions
FROM (SELECT DISTINCT person_key, day, team_id FROM visit) AS t
JOIN whole_day AS w
    ON w.person_key = t.person_key AND w.day = t.day
