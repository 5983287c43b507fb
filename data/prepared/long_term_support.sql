-- One row for each time that a person had long-term support from the council, as the person had it:
-- services that overlap, or begin at most 7 days after the one before has ended, are one. Team and
-- practice are those of the service that began last. It ends when the last service ended, or when the
-- person died. Without a person's key each service stands alone.
WITH service AS (
    SELECT
        s.service_id,
        s.person_key,
        COALESCE('p' || s.person_key, 's' || s.service_id) AS who,
        s.team_id,
        s.practice_code,
        s.started_on,
        CASE
            WHEN p.died_on >= s.started_on AND (s.ended_on IS NULL OR s.ended_on > p.died_on)
                THEN p.died_on
            ELSE COALESCE(s.ended_on, DATE '9999-12-31')
        END AS ended_on
    FROM main.service AS s
    LEFT JOIN prepared.person_death AS p
        ON p.person_key = s.person_key
    WHERE s.type IN (
        'Long term support: Nursing care',
        'Long term support: Residential care',
        'Long term support: Community',
        'Long term support: Prison'
    )
),
begun AS (
    SELECT
        *,
        MAX(ended_on) OVER (
            PARTITION BY who
            ORDER BY started_on, ended_on, service_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS ended_before
    FROM service
    WHERE ended_on >= started_on
),
numbered AS (
    SELECT
        *,
        SUM(CASE WHEN DATE_DIFF('day', ended_before, started_on) <= 7 THEN 0 ELSE 1 END) OVER (
            PARTITION BY who ORDER BY started_on, ended_on, service_id ROWS UNBOUNDED PRECEDING
        ) AS run,
        ROW_NUMBER() OVER (PARTITION BY who ORDER BY started_on, ended_on, service_id) AS place
    FROM begun
)
SELECT
    f.service_id AS support_id,
    f.person_key,
    l.team_id,
    l.practice_code,
    f.started_on,
    NULLIF(w.ended_on, DATE '9999-12-31') AS ended_on
FROM (
    SELECT who, run, MIN(place) AS first, MAX(place) AS last, MAX(ended_on) AS ended_on
    FROM numbered
    GROUP BY who, run
) AS w
JOIN numbered AS f ON f.who = w.who AND f.place = w.first
JOIN numbered AS l ON l.who = w.who AND l.place = w.last
