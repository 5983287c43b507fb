-- One row for each questionnaire that came back and each score that its answers make. Which questions
-- make a score, from which to which number, which way round and with what weight is in the list of
-- questions, for the edition that was answered; nothing of it is here.
-- items_missing: questions of the score without an answer, or with one outside its numbers. Of more
--     than one there is no score; of one, the others' mean stands for it (so they are weighed up).
-- score: higher is always better. To the fourth decimal, in whole numbers all the way.
-- score_of_100: the same, with the lowest possible score as 0 and the highest as 100.
-- steps_from_best: points between the answer or answers and the best that there are, unweighted.
WITH question AS (
    SELECT
        i.instrument,
        i.version,
        i.item_key,
        TRIM(s.scale) AS scale,
        i.min,
        i.max,
        COALESCE(i.reverse, FALSE) AS reverse,
        COALESCE(i.weight, 1) AS weight
    FROM main.instrument_item AS i,
        UNNEST(STRING_SPLIT(i.scale, ';')) AS s (scale)
    WHERE COALESCE(i.weight, 1) > 0 AND TRIM(s.scale) <> ''
),
whole AS (
    SELECT
        instrument,
        version,
        scale,
        COUNT(*) AS items,
        SUM(weight) AS weights,
        SUM(CAST(weight * min AS DECIMAL(18,4))) AS lowest,
        SUM(CAST(weight * (max - min) AS DECIMAL(18,4))) AS width
    FROM question
    GROUP BY instrument, version, scale
),
answered AS (
    SELECT
        r.response_id,
        q.instrument,
        q.version,
        q.scale,
        MIN(r.team_id) AS team_id,
        MIN(r.completed_on) AS completed_on,
        MIN(r.answered_by) AS answered_by,
        MIN(r.mode) AS mode,
        COUNT(*) AS items,
        SUM(q.weight) AS weights,
        -- Above the lowest: so that a score that begins at 1 is weighed up rightly too.
        SUM(CAST(
            q.weight * CASE WHEN q.reverse THEN q.max - r.score ELSE r.score - q.min END
            AS DECIMAL(18,4)
        )) AS points,
        SUM(CASE WHEN q.reverse THEN r.score - q.min ELSE q.max - r.score END) AS steps_from_best
    FROM main.questionnaire_response AS r
    JOIN question AS q
        ON q.instrument = r.instrument
        AND q.version = COALESCE(r.instrument_version, '1')
        AND q.item_key = r.item_key
    WHERE r.score BETWEEN q.min AND q.max
    GROUP BY r.response_id, q.instrument, q.version, q.scale
),
-- In ten-thousandths, as whole numbers, so that every engine rounds alike: a half goes up.
scored AS (
    SELECT
        a.*,
        w.items - a.items AS items_missing,
        w.lowest,
        CAST(w.width * 10000 AS HUGEINT) AS width,
        CAST(a.points * 10000 AS HUGEINT) * CAST(w.weights * 10000 AS HUGEINT) AS weighed_up,
        CAST(a.weights * 10000 AS HUGEINT) AS answered_weights
    FROM answered AS a
    JOIN whole AS w
        ON w.instrument = a.instrument AND w.version = a.version AND w.scale = a.scale
    WHERE w.items - a.items = 0 OR (w.items - a.items = 1 AND a.items > 0)
)
SELECT
    response_id,
    scale,
    instrument,
    version AS instrument_version,
    team_id,
    completed_on,
    answered_by,
    mode,
    CAST(items_missing AS BIGINT) AS items_missing,
    CAST(
        lowest + CAST(
            (2 * weighed_up + answered_weights) // (2 * answered_weights) AS DECIMAL(18,0)
        ) * 0.0001
        AS DECIMAL(18,4)
    ) AS score,
    CAST(
        CAST(
            (2000000 * weighed_up + answered_weights * width) // (2 * answered_weights * width)
            AS DECIMAL(18,0)
        ) * 0.0001
        AS DECIMAL(18,4)
    ) AS score_of_100,
    CAST(steps_from_best AS DECIMAL(18,4)) AS steps_from_best
FROM scored
WHERE width > 0
