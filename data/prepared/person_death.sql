-- The day on which a person died, from wherever it is said: a stay in hospital that ended in death,
-- the council's date of death, a referral closed because of it. The earliest, where they differ.
SELECT
    person_key,
    MIN(died_on) AS died_on
FROM (
    SELECT person_key, discharged_on AS died_on
    FROM main.hospital_spell
    WHERE discharge_method = '4' OR discharge_destination = '79'
    UNION ALL
    SELECT person_key, died_on
    FROM main.service
    UNION ALL
    SELECT person_key, closed_on AS died_on
    FROM main.referral
    WHERE outcome = 'NFA: Deceased'
)
WHERE person_key IS NOT NULL AND died_on IS NOT NULL
GROUP BY person_key
