-- One row for each referral that asked for somebody within two hours.
-- in_two_hours: whether somebody was reached within two hours of its receipt, to the minute. Midnight
--     to the second is what systems write for a day without a time: then nobody knows, unless the
--     days alone say it. A contact counts that is linked to the referral and took place.
WITH reached AS (
    SELECT referral_id, MIN(started_at) AS reached_at
    FROM prepared.contact
    WHERE took_place AND referral_id IS NOT NULL
    GROUP BY referral_id
)
SELECT
    r.referral_id,
    r.person_key,
    r.team_id,
    r.practice_code,
    r.received_at,
    CASE
        WHEN DATE_DIFF(
            'day',
            CAST(r.received_at AS DATE),
            COALESCE(CAST(c.reached_at AS DATE), r.first_seen_on, DATE '9999-12-31')
        ) NOT BETWEEN 0 AND 1 THEN FALSE
        WHEN c.reached_at IS NULL
            OR r.received_at = CAST(CAST(r.received_at AS DATE) AS TIMESTAMP)
            OR c.reached_at = CAST(CAST(c.reached_at AS DATE) AS TIMESTAMP) THEN NULL
        ELSE c.reached_at BETWEEN r.received_at AND r.received_at + INTERVAL '2' HOUR
    END AS in_two_hours
FROM prepared.referral AS r
LEFT JOIN reached AS c ON c.referral_id = r.referral_id
WHERE r.priority = '2-hour'
