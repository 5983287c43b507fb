-- One row for each stretch of 84 days or more in which nobody of a referral's was seen and nothing was
-- planned: from the day the referral was received, or the last contact that took place, until the
-- next one, or until it was closed.
-- A date in the diary is a plan in the 28 days before it: when it was written down nobody recorded, and
-- a plan that holds for the past and for today alike must not need to know. Where the last such date
-- passed without a contact, nothing is planned from then on, and the 84 days have long begun.
-- It is one too where somebody came before that date, or the referral was closed before it.
-- A contact that took place without a booking counts as planned like those: else the past, where
-- bookings that were kept are often not recorded, would have more people lost than today.
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
-- Each day from which nothing is planned until the next plan: the last contact, and each plan's day.
mark_of_gap AS (
    SELECT o.*, o.last_on AS after_on
    FROM long_one AS o
    UNION
    SELECT o.*, CAST(COALESCE(c.booked_on, c.started_at) AS DATE)
    FROM long_one AS o
    JOIN prepared.contact AS c
        ON c.referral_id = o.referral_id
        AND (c.booked_on IS NOT NULL OR c.took_place)
        AND CAST(COALESCE(c.booked_on, c.started_at) AS DATE) > o.last_on
        AND (
            o.ends_on IS NULL
            OR DATE_DIFF('day', o.ends_on, CAST(COALESCE(c.booked_on, c.started_at) AS DATE)) < 28
        )
),
unplanned AS (
    SELECT
        *,
        LEAD(after_on) OVER (PARTITION BY referral_id, last_on ORDER BY after_on) - 28 AS plan_on
    FROM mark_of_gap
)
SELECT
    referral_id,
    person_key,
    team_id,
    practice_code,
    GREATEST(last_on, after_on - 84) AS from_on,
    CASE WHEN ends_on < plan_on OR plan_on IS NULL THEN ends_on ELSE plan_on END AS until_on
FROM unplanned
WHERE (plan_on IS NULL OR plan_on > after_on) AND (ends_on IS NULL OR ends_on > after_on)
