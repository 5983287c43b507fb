-- Open for more than two years, and nobody was ever in contact. Systems keep such records when
-- nobody closes them. Close what is finished where it was made.
SELECT 'referral' AS table_name, r.referral_id AS row_key, r.team_id AS area, r.received_at AS day
FROM prepared.referral AS r
WHERE r.closed_on IS NULL
    AND r.received_at < $today - INTERVAL 2 YEAR
    AND r.first_contact_on IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM main.contact AS c
        WHERE c.referral_id = r.referral_id AND c.started_at IS NOT NULL
    )
