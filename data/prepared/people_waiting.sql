-- One row for each stretch of time in which a person waited for a team: referrals of one person to one
-- team that waited at the same time are one wait, from when the first was received until nothing was
-- left to wait for. Each wait ends when the person was first seen, or the referral was closed. A
-- referral that was seen or closed on the day it came, or before, never waited. Without a person's
-- key each referral is somebody else's.
WITH waiting AS (
    SELECT
        referral_id,
        person_key,
        COALESCE('p' || person_key, 'r' || referral_id) AS who,
        team_id,
        practice_code,
        CAST(received_at AS DATE) AS received_on,
        CASE
            WHEN first_seen_on IS NULL THEN COALESCE(closed_on, DATE '9999-12-31')
            WHEN closed_on < first_seen_on THEN closed_on
            ELSE first_seen_on
        END AS until_on
    FROM prepared.referral
),
begun AS (
    SELECT
        *,
        MAX(until_on) OVER (
            PARTITION BY who, team_id
            ORDER BY received_on, referral_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS waiting_until
    FROM waiting
    WHERE until_on > received_on
),
numbered AS (
    SELECT
        *,
        SUM(CASE WHEN waiting_until > received_on THEN 0 ELSE 1 END) OVER (
            PARTITION BY who, team_id ORDER BY received_on, referral_id ROWS UNBOUNDED PRECEDING
        ) AS stretch,
        ROW_NUMBER() OVER (
            PARTITION BY who, team_id ORDER BY received_on, referral_id
        ) AS place
    FROM begun
)
SELECT
    f.referral_id,
    f.person_key,
    f.team_id,
    f.practice_code,
    f.received_on,
    NULLIF(w.until_on, DATE '9999-12-31') AS seen_or_closed_on
FROM numbered AS f
JOIN (
    SELECT who, team_id, stretch, MIN(place) AS place, MAX(until_on) AS until_on
    FROM numbered
    GROUP BY who, team_id, stretch
) AS w
    ON w.who = f.who
    AND w.place = f.place
    AND (w.team_id = f.team_id OR (w.team_id IS NULL AND f.team_id IS NULL))
