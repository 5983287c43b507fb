-- answers: how many gave this answer; a blank is one.
-- people_once: how many people of a team answered in a quarter, in one row of the quarter and no
--     other. Nobody is known, so it is the number of answers to the question that most answered.
WITH answer AS (
    SELECT t.*, COALESCE(c.quarter_start, t.quarter) AS quarter_start
    FROM main.team_pulse AS t
    LEFT JOIN main.calendar AS c ON c.date = t.quarter
),
most AS (
    SELECT team_id, quarter_start, CAST(MAX(answers) AS BIGINT) AS people
    FROM (
        SELECT team_id, quarter_start, item_key, SUM(COALESCE(n, 1)) AS answers
        FROM answer
        GROUP BY team_id, quarter_start, item_key
    )
    GROUP BY team_id, quarter_start
)
SELECT
    a.* EXCLUDE (quarter_start),
    COALESCE(a.n, 1) AS answers,
    CASE
        WHEN ROW_NUMBER() OVER (
            PARTITION BY a.team_id, a.quarter_start ORDER BY a.item_key, a.answer
        ) = 1 THEN m.people
    END AS people_once
FROM answer AS a
JOIN most AS m
    ON m.team_id = a.team_id AND m.quarter_start = a.quarter_start
