-- One row for each visit at home that took place, however many of those who made it noted it.
-- Notes of one visit: of the same person on one day, by another worker or profession, begun at most 15
--     minutes after an earlier note. A time of midnight is a day without a time: nothing can be told
--     from it, and only what is recorded as made together on that day is one visit. Where the person
--     is not known, every note is a visit.
-- is_joint: two professions made it: it is recorded as joint, or another profession noted it too.
WITH noted AS (
    SELECT
        contact_id,
        person_key,
        team_id,
        profession_id,
        worker_key,
        started_at,
        CAST(started_at AS DATE) AS day,
        started_at <> DATE_TRUNC('day', started_at) AS has_time,
        COALESCE(planned_double_up, FALSE) AS planned_double_up,
        COALESCE(TRIM(joint_with_professions) <> COALESCE(profession_id, ''), FALSE) AS said_joint
    FROM prepared.contact
    WHERE took_place AND mechanism = 'face to face home' AND started_at IS NOT NULL
),
-- Two notes of one visit, the earlier first; of two without a time, the one with the lower id.
pair AS (
    SELECT
        a.contact_id AS first_id,
        b.contact_id AS second_id,
        a.profession_id <> b.profession_id OR b.said_joint AS is_joint
    FROM noted AS a
    JOIN noted AS b
        ON b.person_key = a.person_key
        AND b.day = a.day
        AND (b.worker_key <> a.worker_key OR b.profession_id <> a.profession_id)
    WHERE CASE
        WHEN a.has_time AND b.has_time THEN
            b.started_at <= a.started_at + INTERVAL 15 MINUTE
            AND (b.started_at > a.started_at
                OR (b.started_at = a.started_at AND b.contact_id > a.contact_id))
        WHEN b.has_time THEN FALSE
        ELSE (a.said_joint OR a.planned_double_up)
            AND (b.said_joint OR b.planned_double_up)
            AND (a.has_time OR b.contact_id > a.contact_id)
    END
)
SELECT
    n.contact_id,
    n.person_key,
    n.team_id,
    n.profession_id,
    n.started_at,
    n.planned_double_up,
    n.said_joint OR j.contact_id IS NOT NULL AS is_joint
FROM noted AS n
LEFT JOIN (SELECT DISTINCT second_id AS contact_id FROM pair) AS again
    ON again.contact_id = n.contact_id
LEFT JOIN (SELECT DISTINCT first_id AS contact_id FROM pair WHERE is_joint) AS j
    ON j.contact_id = n.contact_id
WHERE again.contact_id IS NULL
