-- One row for each referral that was closed, with how often the person was passed on.
-- handoffs: what the hand-offs say of it (a referral that was not taken on, "declined", moved nobody),
--     and what systems write as a new referral instead: one that names this one as the one before,
--     or one that came from inside for the same person from the day this one was closed until 14
--     days later. What is written both ways counts once: of onward referrals the larger number is
--     taken. A new referral is passed on from one other only, the one closed last.
-- was_signposted: the outcome says so, or while it was open the team wrote down an offer to the person.
--     Where no list of signposts is sent, the outcome alone says it.
WITH said AS (
    SELECT
        referral_id,
        SUM(CASE WHEN kind = 'onward referral' THEN 1 ELSE 0 END) AS onward,
        SUM(CASE WHEN kind IN ('internal transfer', 'returned') THEN 1 ELSE 0 END) AS others
    FROM main.referral_handoff
    GROUP BY referral_id
),
passed_on_from AS (
    SELECT previous_referral_id AS referral_id, referral_id AS new_referral_id
    FROM prepared.referral
    WHERE previous_referral_id <> referral_id
    UNION ALL
    SELECT referral_id, new_referral_id
    FROM (
        SELECT
            r.referral_id,
            n.referral_id AS new_referral_id,
            ROW_NUMBER() OVER (
                PARTITION BY n.referral_id
                ORDER BY r.closed_on DESC, r.received_at DESC, r.referral_id
            ) AS place
        FROM prepared.referral AS n
        JOIN prepared.referral AS r
            ON r.person_key = n.person_key
            AND r.referral_id <> n.referral_id
            AND r.received_at <= n.received_at
            AND DATE_DIFF('day', r.closed_on, CAST(n.received_at AS DATE)) BETWEEN 0 AND 14
        WHERE n.source = 'internal' AND n.previous_referral_id IS NULL
    )
    WHERE place = 1
),
linked AS (
    SELECT referral_id, COUNT(*) AS onward
    FROM passed_on_from
    GROUP BY referral_id
),
offered AS (
    SELECT DISTINCT r.referral_id
    FROM main.signpost AS g
    JOIN prepared.referral AS r
        ON r.person_key = g.person_key
        AND r.team_id = g.team_id
        AND g.signposted_on BETWEEN CAST(r.received_at AS DATE) AND r.closed_on
)
SELECT
    r.referral_id,
    r.team_id,
    r.practice_code,
    r.sector,
    r.closed_on,
    CAST(
        GREATEST(COALESCE(s.onward, 0), COALESCE(l.onward, 0)) + COALESCE(s.others, 0) AS BIGINT
    ) AS handoffs,
    COALESCE(r.outcome = 'NFA: Information and advice or signposting', FALSE)
        OR o.referral_id IS NOT NULL AS was_signposted
FROM prepared.referral AS r
LEFT JOIN said AS s
    ON s.referral_id = r.referral_id
LEFT JOIN linked AS l
    ON l.referral_id = r.referral_id
LEFT JOIN offered AS o
    ON o.referral_id = r.referral_id
WHERE r.closed_on IS NOT NULL
