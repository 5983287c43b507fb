-- items_met: of the six things, those that were there. What did not apply lacks nothing, and counts as
--     there. Blank where none of the six applied: there was nothing to look at.
-- is_complete: none of the six was missing.
WITH counted AS (
    SELECT
        d.*,
        CAST(
            CASE WHEN d.summary_received = 'no' THEN 1 ELSE 0 END
            + CASE WHEN d.medicines_listed = 'no' THEN 1 ELSE 0 END
            + CASE WHEN d.reason_and_plan = 'no' THEN 1 ELSE 0 END
            + CASE WHEN d.equipment_and_care_confirmed = 'no' THEN 1 ELSE 0 END
            + CASE WHEN d.named_contact = 'no' THEN 1 ELSE 0 END
            + CASE WHEN d.family_told = 'no' THEN 1 ELSE 0 END
            AS BIGINT
        ) AS not_there,
        CAST(
            CASE WHEN d.summary_received = 'not applicable' THEN 1 ELSE 0 END
            + CASE WHEN d.medicines_listed = 'not applicable' THEN 1 ELSE 0 END
            + CASE WHEN d.reason_and_plan = 'not applicable' THEN 1 ELSE 0 END
            + CASE WHEN d.equipment_and_care_confirmed = 'not applicable' THEN 1 ELSE 0 END
            + CASE WHEN d.named_contact = 'not applicable' THEN 1 ELSE 0 END
            + CASE WHEN d.family_told = 'not applicable' THEN 1 ELSE 0 END
            AS BIGINT
        ) AS not_applicable
    FROM main.discharge_handover AS d
)
SELECT
    c.* EXCLUDE (not_there, not_applicable),
    CASE WHEN c.not_applicable < 6 THEN 6 - c.not_there END AS items_met,
    CASE WHEN c.not_applicable < 6 THEN c.not_there = 0 END AS is_complete
FROM counted AS c
