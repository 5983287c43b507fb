-- The stays after which the next thing was an emergency admission, and how many days later it came.
-- Stays of a person that overlap are one time in hospital; one that begins on the day on which
-- another ended comes after it. An admission belongs to the last discharge before it and to no
-- earlier one, so that it counts once. No stay follows itself, and a stay that has not ended is
-- followed by none. Without a person's key nobody knows who came back.
WITH stay AS (
    SELECT
        spell_id,
        person_key,
        admitted_on,
        COALESCE(discharged_on, DATE '9999-12-31') AS left_on,
        -- 2C is a baby born at home.
        LEFT(admission_method, 1) = '2' AND admission_method <> '2C' AS is_emergency,
        ROW_NUMBER() OVER (
            PARTITION BY person_key
            ORDER BY
                admitted_on,
                COALESCE(admitted_at, CAST(admitted_on AS TIMESTAMP)),
                COALESCE(discharged_on, DATE '9999-12-31'),
                spell_id
        ) AS place
    FROM main.hospital_spell
    WHERE person_key IS NOT NULL AND (discharged_on IS NULL OR discharged_on >= admitted_on)
),
-- `free_on` is the day from which the person was in no bed of an earlier stay.
begun AS (
    SELECT
        *,
        MAX(left_on) OVER (
            PARTITION BY person_key ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS free_on
    FROM stay
),
numbered AS (
    SELECT
        *,
        SUM(CASE WHEN free_on > admitted_on THEN 0 ELSE 1 END) OVER (
            PARTITION BY person_key ORDER BY place ROWS UNBOUNDED PRECEDING
        ) AS time_in_hospital
    FROM begun
),
-- The stay that ended last of each time in hospital is the one that the person left by.
last_to_end AS (
    SELECT
        *,
        ROW_NUMBER() OVER (
            PARTITION BY person_key, time_in_hospital ORDER BY left_on DESC, place DESC
        ) AS from_the_end
    FROM numbered
)
SELECT
    d.spell_id,
    -- There is one. Said as a group, so that whoever does not ask for it does not wait for it.
    MIN(DATE_DIFF('day', d.left_on, n.admitted_on)) AS days_to_own_readmission
FROM last_to_end AS d
JOIN numbered AS n
    ON n.person_key = d.person_key
    AND n.time_in_hospital = d.time_in_hospital + 1
    AND n.free_on <= n.admitted_on
    AND n.is_emergency
WHERE d.from_the_end = 1
GROUP BY d.spell_id
