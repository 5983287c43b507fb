-- One row for each stretch of 84 days or more in which nobody of a referral's was seen and nothing was
-- planned: from the day the referral was received, or the last contact that took place, until the
-- next one, or until it was closed.
-- A date in the diary is a plan in the 28 days before it: when it was written down nobody recorded, and
-- a plan that holds for the past and for today alike must not need to know. Where the last such date
-- passed without a contact, nothing is planned from then on, and the 84 days have long begun.
-- It is one too where somebody came before that date, or the referral was closed before it.
WITH mark AS (
    SELECT referral_id, CAST(received_at AS DATE) AS day
    FROM prepared.referral
    UNION ALL
    SELECT referral_id, first_seen_on
    FROM prepared.referral
    WHERE first_seen_on > CAST(received_at AS DATE)
    UNION ALL
    SELECT referral_id, CAST(started_at AS DATE)
    FROM prepared.contact
    WHERE took_place AND started_at IS NOT NULL AND referral_id IS NOT NULL
),
stretch AS (
    SELECT
        referral_id,
        day AS last_on,
        LEAD(day) OVER (PARTITION BY referral_id ORDER BY day) AS next_on
    FROM mark
),
long_one AS (
    SELECT
        r.referral_id,
        r.person_key,
        r.team_id,
        r.practice_code,
        s.last_on,
        CASE WHEN s.next_on < r.closed_on OR r.closed_on IS NULL THEN s.next_on ELSE r.closed_on END
            AS ends_on
    FROM stretch AS s
    JOIN prepared.referral AS r ON r.referral_id = s.referral_id
    WHERE (s.next_on IS NULL OR DATE_DIFF('day', s.last_on, s.next_on) >= 84)
        AND (r.closed_on IS NULL OR DATE_DIFF('day', s.last_on, r.closed_on) >= 84)
),
planned AS (
    SELECT
        o.referral_id,
        o.last_on,
        MIN(CAST(c.booked_on AS DATE)) AS first_for,
        MAX(CAST(c.booked_on AS DATE)) AS last_for
    FROM long_one AS o
    JOIN main.contact AS c
        ON c.referral_id = o.referral_id
        AND CAST(c.booked_on AS DATE) > o.last_on
        AND (o.ends_on IS NULL OR DATE_DIFF('day', o.ends_on, CAST(c.booked_on AS DATE)) < 28)
    GROUP BY o.referral_id, o.last_on
)
SELECT
    o.referral_id,
    o.person_key,
    o.team_id,
    o.practice_code,
    o.last_on AS from_on,
    CASE WHEN p.first_for IS NULL THEN o.ends_on ELSE p.first_for - 28 END AS until_on
FROM long_one AS o
LEFT JOIN planned AS p ON p.referral_id = o.referral_id AND p.last_on = o.last_on
WHERE p.first_for IS NULL OR DATE_DIFF('day', o.last_on, p.first_for) > 28
UNION ALL
SELECT
    o.referral_id,
    o.person_key,
    o.team_id,
    o.practice_code,
    GREATEST(o.last_on, p.last_for - 84) AS from_on,
    o.ends_on AS until_on
FROM long_one AS o
JOIN planned AS p ON p.referral_id = o.referral_id AND p.last_on = o.last_on
WHERE o.ends_on IS NULL OR o.ends_on > p.last_for
