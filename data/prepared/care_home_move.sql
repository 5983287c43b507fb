-- One row for each person's first long-term residential or nursing care. Whatever comes after it, a
-- move to another home or back after a time away, is no new move. The practice is that of the latest
-- record of the person before the day of the move: a care home may lie in another team's area, and
-- people are often registered anew with the practice that looks after it. Where there is no earlier
-- record, it is the one in the record of the move. Without a person's key nobody knows whether it
-- was the first.
WITH home AS (
    SELECT
        *,
        ROW_NUMBER() OVER (PARTITION BY person_key ORDER BY started_on, service_id) AS place
    FROM main.service
    WHERE type IN ('Long term support: Nursing care', 'Long term support: Residential care')
        AND person_key IS NOT NULL
),
known AS (
    SELECT person_key, practice_code, started_on AS known_on, service_id AS record
    FROM main.service
    UNION ALL
    SELECT person_key, practice_code, started_on, assessment_id
    FROM main.assessment
    UNION ALL
    SELECT person_key, practice_code, CAST(received_at AS DATE), referral_id
    FROM main.referral
),
before_the_move AS (
    SELECT
        h.service_id,
        k.practice_code,
        ROW_NUMBER() OVER (
            PARTITION BY h.service_id ORDER BY k.known_on DESC, k.record DESC
        ) AS from_the_last
    FROM home AS h
    JOIN known AS k ON k.person_key = h.person_key AND k.known_on < h.started_on
    WHERE h.place = 1 AND k.practice_code IS NOT NULL
)
SELECT
    h.service_id,
    h.person_key,
    h.age_band,
    COALESCE(b.practice_code, h.practice_code) AS practice_code,
    h.started_on AS moved_on,
    h.type = 'Long term support: Nursing care' AS with_nursing
FROM home AS h
LEFT JOIN before_the_move AS b ON b.service_id = h.service_id AND b.from_the_last = 1
WHERE h.place = 1
