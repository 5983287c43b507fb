-- One row for each run of ST-Max that began from 3 days before to 7 days after a person of whom it is
-- known left hospital, after a night or more, for where they live; the last discharge of these.
-- Whoever lived in a care home or prison when they came in is not among them.
-- home_at_84_days: by the 84th day after the discharge nobody recorded that the person had come back
--     into hospital in an emergency for a night or more, moved into a care home or died.
WITH discharge AS (
    SELECT
        r.service_id,
        r.started_on,
        h.spell_id,
        h.person_key,
        h.practice_code,
        h.age_band,
        h.discharged_on,
        ROW_NUMBER() OVER (
            PARTITION BY r.service_id
            ORDER BY h.discharged_on DESC, h.admitted_on DESC, h.spell_id DESC
        ) AS from_the_last
    FROM prepared.reablement_run AS r
    JOIN prepared.hospital_spell AS h
        ON h.person_key = r.person_key
        AND DATE_DIFF('day', h.discharged_on, r.started_on) BETWEEN -3 AND 7
        AND h.admitted_on <= r.started_on
    WHERE h.is_live_discharge
        AND h.admitted_on < h.discharged_on
        AND h.admission_method NOT IN ('31', '32', '82', '83')
        AND COALESCE(h.discharge_destination, '')
            NOT IN ('48', '49', '50', '51', '52', '53', '84', '87', '88')
        AND NOT EXISTS (
            SELECT 1
            FROM main.service AS s
            WHERE s.person_key = h.person_key
                AND s.type IN (
                    'Long term support: Nursing care',
                    'Long term support: Residential care',
                    'Long term support: Prison'
                )
                AND s.started_on <= h.admitted_on
                AND (s.ended_on IS NULL OR s.ended_on >= h.admitted_on)
        )
)
SELECT
    d.service_id,
    d.spell_id,
    d.person_key,
    d.age_band,
    d.practice_code,
    d.discharged_on,
    d.started_on,
    NOT EXISTS (
        SELECT 1
        FROM prepared.hospital_spell AS h
        WHERE h.person_key = d.person_key
            AND h.is_emergency
            AND (h.discharged_on IS NULL OR h.discharged_on > h.admitted_on)
            AND h.admitted_on > d.started_on
            AND h.admitted_on > d.discharged_on
            AND DATE_DIFF('day', d.discharged_on, h.admitted_on) <= 84
    ) AND NOT EXISTS (
        SELECT 1
        FROM main.service AS s
        WHERE s.person_key = d.person_key
            AND s.type IN (
                'Long term support: Nursing care', 'Long term support: Residential care'
            )
            AND DATE_DIFF('day', d.discharged_on, s.started_on) BETWEEN 0 AND 84
    ) AND COALESCE(
        DATE_DIFF('day', d.discharged_on, p.died_on) NOT BETWEEN 0 AND 84, TRUE
    ) AS home_at_84_days
FROM discharge AS d
LEFT JOIN prepared.person_death AS p
    ON p.person_key = d.person_key
WHERE d.from_the_last = 1
