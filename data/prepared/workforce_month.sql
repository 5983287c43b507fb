-- vacant_fte: posts with a budget that nobody is in. Below 0 where there are more staff than posts; it
--     is not made 0, or teams would not add up. Unknown where the posts are.
-- is_case_holding: whether the profession holds cases: some team has reported a caseload for it.
SELECT
    w.*,
    CAST(w.establishment_fte - w.in_post_fte AS DECIMAL(18,4)) AS vacant_fte,
    c.profession_id IS NOT NULL AS is_case_holding
FROM main.workforce_month AS w
LEFT JOIN (SELECT DISTINCT profession_id FROM main.caseload_snapshot) AS c
    ON c.profession_id = w.profession_id
