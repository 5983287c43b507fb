-- One row for each team meeting, held or cancelled, with whether general practice was part of it.
-- gp_took_part: a GP was in the room, or on the telephone or a screen. A cancelled meeting was held by
--     nobody, so nobody stayed away from it.
-- gp_wrote: a GP sent a note; that is something else.
-- A GP is the profession named GP in the list of professions, whatever its code there.
SELECT
    m.meeting_id,
    m.team_id,
    m.held_on,
    m.status,
    m.cases_discussed,
    COALESCE(BOOL_OR(g.profession_id IS NOT NULL AND a.mode <> 'written'), FALSE) AS gp_took_part,
    COALESCE(BOOL_OR(g.profession_id IS NOT NULL AND a.mode = 'written'), FALSE) AS gp_wrote
FROM main.mdt_meeting AS m
LEFT JOIN (
    SELECT meeting_id, profession_id, COALESCE(mode, 'not said') AS mode FROM main.mdt_attendance
) AS a
    ON a.meeting_id = m.meeting_id
LEFT JOIN (
    SELECT profession_id FROM main.profession
    WHERE UPPER(TRIM(name)) IN ('GP', 'GENERAL PRACTITIONER')
) AS g
    ON g.profession_id = a.profession_id
GROUP BY m.meeting_id, m.team_id, m.held_on, m.status, m.cases_discussed
