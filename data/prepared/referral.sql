-- closed_on: a referral that was open when the person died ends on that day: systems leave it open.
-- named_worker_on: the day a person was given to a named worker. A duty desk is nobody: a case
--     parked on one stays unallocated (the partnership's list of them is in partnership.toml).
-- first_seen_on: the earlier of the first contact and the assessment, whichever there is.
SELECT
    r.* REPLACE (
        CASE
            WHEN p.died_on >= CAST(r.received_at AS DATE)
                AND (r.closed_on IS NULL OR r.closed_on > p.died_on) THEN p.died_on
            ELSE r.closed_on
        END AS closed_on
    ),
    CASE WHEN d.worker_key IS NULL THEN r.allocated_on END AS named_worker_on,
    CASE
        WHEN r.assessed_on IS NULL THEN r.first_contact_on
        WHEN r.first_contact_on IS NULL THEN r.assessed_on
        WHEN r.assessed_on < r.first_contact_on THEN r.assessed_on
        ELSE r.first_contact_on
    END AS first_seen_on
FROM main.referral AS r
LEFT JOIN duty_desk AS d
    ON d.worker_key = UPPER(TRIM(r.allocated_to_key))
LEFT JOIN prepared.person_death AS p
    ON p.person_key = r.person_key
