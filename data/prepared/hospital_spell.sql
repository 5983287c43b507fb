-- is_emergency: the codes that begin with 2, but for 2C, a baby born at home.
-- is_injury, is_fall: by the letter and two digits of the code. Compared as texts, T981 would come
--     after T98 and be lost.
-- is_long_term_condition: whether the main diagnosis begins as one in the list of such conditions
--     does; where the list has several editions, in the last of them by name.
-- is_live_discharge: the person left, and not by dying.
-- is_cancer_or_obstetric: what returns to hospital are not counted after: cancer is often treated in
--     planned turns that come in as emergencies, and a birth is no illness.
-- days_to_own_readmission: see hospital_return.
-- days_ready_to_leave: from the day on which the person was ready until they left, where that day
--     can be right: between admission and discharge.
-- to_usual_home: blank where it is not known where the person went. A care home, by the older or the
--     newer codes, is home for whoever came from one.
WITH edition AS (
    SELECT icd10_prefix
    FROM main.acsc_code
    WHERE list_version = (SELECT MAX(list_version) FROM main.acsc_code)
),
-- Codes are few and stays many: each code is held against the list once.
long_term AS (
    SELECT c.primary_icd10, MIN(e.icd10_prefix) AS icd10_prefix
    FROM (SELECT DISTINCT primary_icd10 FROM main.hospital_spell) AS c
    JOIN edition AS e ON LEFT(c.primary_icd10, LENGTH(e.icd10_prefix)) = e.icd10_prefix
    GROUP BY c.primary_icd10
)
SELECT
    s.*,
    LEFT(s.admission_method, 1) = '2' AND s.admission_method <> '2C' AS is_emergency,
    COALESCE(LEFT(s.primary_icd10, 3) BETWEEN 'S00' AND 'S99', FALSE)
        OR COALESCE(LEFT(s.primary_icd10, 3) BETWEEN 'T00' AND 'T98', FALSE) AS is_injury,
    COALESCE(LEFT(s.external_cause_icd10, 3) BETWEEN 'W00' AND 'W19', FALSE) AS is_fall,
    l.icd10_prefix IS NOT NULL AS is_long_term_condition,
    s.discharged_on >= s.admitted_on
        AND COALESCE(s.discharge_method, '') NOT IN ('4', '5')
        AND COALESCE(s.discharge_destination, '') <> '79'
        AND s.discharged_on IS NOT NULL AS is_live_discharge,
    s.admission_method IN ('31', '32')
        OR COALESCE(
            LEFT(s.primary_icd10, 3) BETWEEN 'C00' AND 'C97'
                OR LEFT(s.primary_icd10, 3) BETWEEN 'D37' AND 'D48'
                OR LEFT(s.primary_icd10, 4) = 'Z511'
                OR LEFT(s.primary_icd10, 1) = 'O',
            FALSE
        ) AS is_cancer_or_obstetric,
    r.days_to_own_readmission,
    CASE
        WHEN s.discharge_ready_on BETWEEN s.admitted_on AND s.discharged_on
            THEN DATE_DIFF('day', s.discharge_ready_on, s.discharged_on)
    END AS days_ready_to_leave,
    CASE
        WHEN s.discharge_destination IN ('98', '99') THEN NULL
        WHEN s.discharge_destination IN ('19', '29') THEN TRUE
        WHEN s.discharge_destination IN ('54', '65', '85') OR s.discharge_destination IN ('55', '56')
            THEN COALESCE(
                s.admission_source IN ('54', '65', '85') OR s.admission_source IN ('55', '56'), FALSE
            )
        WHEN s.discharge_destination IS NOT NULL THEN FALSE
    END AS to_usual_home
FROM main.hospital_spell AS s
LEFT JOIN long_term AS l ON l.primary_icd10 = s.primary_icd10
LEFT JOIN prepared.hospital_return AS r ON r.spell_id = s.spell_id
