-- One row for each stretch of time in which two professions or more were involved with a person of a
-- team and nothing about that changed. Stretches of one person and team never overlap, so that those
-- open on a day are people. Where no person is known, nobody can tell who else is involved.
-- A profession is involved from its first contact that took place on a referral, for as long as that
-- referral is open.
-- has_coordinator: a named coordinator is recorded on one of the referrals open in that stretch.
WITH case_open AS (
    SELECT
        referral_id,
        person_key,
        team_id,
        CAST(received_at AS DATE) AS opens,
        COALESCE(closed_on, DATE '9999-12-31') AS closes,
        COALESCE(coordinator_recorded, FALSE) AS has_coordinator
    FROM prepared.referral
    WHERE person_key IS NOT NULL
        AND CAST(received_at AS DATE) < COALESCE(closed_on, DATE '9999-12-31')
),
involved AS (
    SELECT
        r.person_key,
        r.team_id,
        c.profession_id,
        GREATEST(c.first_on, r.opens) AS begins,
        r.closes AS ends
    FROM (
        SELECT referral_id, profession_id, MIN(CAST(started_at AS DATE)) AS first_on
        FROM prepared.contact
        WHERE took_place AND started_at IS NOT NULL
        GROUP BY referral_id, profession_id
    ) AS c
    JOIN case_open AS r
        ON r.referral_id = c.referral_id AND c.first_on < r.closes
    WHERE c.profession_id IS NOT NULL
),
-- Only those with whom two professions were ever involved can have such a stretch.
several AS (
    SELECT person_key, team_id
    FROM involved
    GROUP BY person_key, team_id
    HAVING COUNT(DISTINCT profession_id) > 1
),
moment AS (
    SELECT i.person_key, i.team_id, i.begins AS day
    FROM involved AS i
    JOIN several AS s ON s.person_key = i.person_key AND s.team_id = i.team_id
    UNION
    SELECT o.person_key, o.team_id, o.opens
    FROM case_open AS o
    JOIN several AS s ON s.person_key = o.person_key AND s.team_id = o.team_id
    UNION
    SELECT o.person_key, o.team_id, o.closes
    FROM case_open AS o
    JOIN several AS s ON s.person_key = o.person_key AND s.team_id = o.team_id
),
stretch AS (
    SELECT
        person_key,
        team_id,
        day AS from_on,
        LEAD(day) OVER (PARTITION BY person_key, team_id ORDER BY day) AS until_on
    FROM moment
),
together AS (
    SELECT s.person_key, s.team_id, s.from_on, s.until_on
    FROM stretch AS s
    JOIN involved AS i
        ON i.person_key = s.person_key AND i.team_id = s.team_id
        AND i.begins <= s.from_on AND i.ends >= s.until_on
    GROUP BY s.person_key, s.team_id, s.from_on, s.until_on
    HAVING COUNT(DISTINCT i.profession_id) > 1
)
SELECT
    t.person_key,
    t.team_id,
    t.from_on,
    CASE WHEN t.until_on < DATE '9999-12-31' THEN t.until_on END AS until_on,
    BOOL_OR(o.has_coordinator) AS has_coordinator
FROM together AS t
JOIN case_open AS o
    ON o.person_key = t.person_key AND o.team_id = t.team_id
    AND o.opens <= t.from_on AND o.closes >= t.until_on
GROUP BY t.person_key, t.team_id, t.from_on, t.until_on
