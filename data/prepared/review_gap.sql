-- One row for each stretch of long-term support without a review: from its beginning, or from a review
-- that was finished, until the next one was, or the support ended. A review that nobody finished is
-- none. Two reviews of one day are one. Without a person's key nobody knows of a review.
WITH done AS (
    SELECT DISTINCT person_key, ended_on AS reviewed_on
    FROM main.review
    WHERE person_key IS NOT NULL AND ended_on IS NOT NULL
),
mark AS (
    SELECT support_id, started_on AS marked_on
    FROM prepared.long_term_support
    UNION
    SELECT s.support_id, d.reviewed_on
    FROM prepared.long_term_support AS s
    JOIN done AS d
        ON d.person_key = s.person_key
        AND d.reviewed_on >= s.started_on
        AND (s.ended_on IS NULL OR d.reviewed_on < s.ended_on)
)
SELECT
    s.support_id,
    s.person_key,
    s.team_id,
    s.practice_code,
    m.marked_on AS last_review_on,
    LEAD(m.marked_on) OVER (PARTITION BY s.support_id ORDER BY m.marked_on) AS next_review_on,
    s.ended_on AS support_ended_on
FROM mark AS m
JOIN prepared.long_term_support AS s ON s.support_id = m.support_id
