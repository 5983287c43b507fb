-- Short-term support to be independent again (ST-Max), as the person had it: services of one person
-- that overlap, or begin at most 7 days after the one before has ended, are one run. The outcome is
-- the last service's. Without a person's key nobody knows what was before or after.
WITH service AS (
    SELECT
        *,
        MAX(COALESCE(ended_on, DATE '9999-12-31')) OVER (
            PARTITION BY person_key
            ORDER BY started_on, COALESCE(ended_on, DATE '9999-12-31'), service_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS ended_before
    FROM main.service
    WHERE type = 'Short term support: ST-Max'
        AND person_key IS NOT NULL
        AND (ended_on IS NULL OR ended_on >= started_on)
),
numbered AS (
    SELECT
        *,
        SUM(CASE WHEN DATE_DIFF('day', ended_before, started_on) <= 7 THEN 0 ELSE 1 END) OVER (
            PARTITION BY person_key
            ORDER BY started_on, COALESCE(ended_on, DATE '9999-12-31'), service_id
            ROWS UNBOUNDED PRECEDING
        ) AS run
    FROM service
),
placed AS (
    SELECT
        *,
        ROW_NUMBER() OVER (
            PARTITION BY person_key, run
            ORDER BY started_on, COALESCE(ended_on, DATE '9999-12-31'), service_id
        ) AS from_the_start,
        ROW_NUMBER() OVER (
            PARTITION BY person_key, run
            ORDER BY COALESCE(ended_on, DATE '9999-12-31') DESC, started_on DESC, service_id DESC
        ) AS from_the_end
    FROM numbered
)
SELECT
    f.service_id,
    f.person_key,
    f.age_band,
    f.practice_code,
    f.team_id,
    f.started_on,
    l.ended_on,
    l.outcome
FROM placed AS f
JOIN placed AS l
    ON l.person_key = f.person_key AND l.run = f.run AND l.from_the_end = 1
WHERE f.from_the_start = 1
