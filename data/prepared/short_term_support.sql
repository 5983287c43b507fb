-- One row for each run of ST-Max, with what came of it.
-- is_new: no long-term support was running when it began, or in the 90 days before.
-- sequel: "ended early": the person died by 7 days after its end, went into hospital, or went on to
--     care that the NHS pays for. "long-term support": such a service, begun since its start, was
--     still running after its end or began within 7 days of it, or the outcome says that one was
--     to. "not known": the outcome says what is to be looked at next, or nothing. Else "no long-term
--     support". Blank where the run has not ended.
SELECT
    r.service_id,
    r.person_key,
    r.age_band,
    r.practice_code,
    r.team_id,
    r.started_on,
    r.ended_on,
    COALESCE(b.had_before, 0) = 0 AS is_new,
    CASE
        WHEN r.ended_on IS NULL THEN NULL
        WHEN r.outcome IN (
            'NFA: Deceased',
            'Admitted to hospital',
            'NFA: Referral to NHS services or NHS funded social care'
        ) THEN 'ended early'
        WHEN DATE_DIFF('day', r.ended_on, d.died_on) <= 7 THEN 'ended early'
        WHEN b.came_after = 1 THEN 'long-term support'
        WHEN r.outcome IN (
            'Progress to support planning or services',
            'Continuation of support or services'
        ) THEN 'long-term support'
        WHEN r.outcome IS NULL OR r.outcome IN (
            'Progress to assessment, review or reassessment',
            'Progress to reablement/ST-Max',
            'Invalid and not mapped'
        ) THEN 'not known'
        ELSE 'no long-term support'
    END AS sequel
FROM prepared.reablement_run AS r
LEFT JOIN prepared.person_death AS d
    ON d.person_key = r.person_key
LEFT JOIN (
    SELECT
        r.service_id,
        MAX(CASE
            WHEN s.started_on < r.started_on
                AND (s.ended_on IS NULL OR DATE_DIFF('day', s.ended_on, r.started_on) <= 90)
                THEN 1
            ELSE 0
        END) AS had_before,
        MAX(CASE
            WHEN s.started_on >= r.started_on
                AND DATE_DIFF('day', r.ended_on, s.started_on) <= 7
                AND (s.ended_on IS NULL OR s.ended_on > r.ended_on)
                THEN 1
            ELSE 0
        END) AS came_after
    FROM prepared.reablement_run AS r
    JOIN main.service AS s
        ON s.person_key = r.person_key
        AND s.type IN (
            'Long term support: Nursing care',
            'Long term support: Residential care',
            'Long term support: Community',
            'Long term support: Prison'
        )
    GROUP BY r.service_id
) AS b ON b.service_id = r.service_id
