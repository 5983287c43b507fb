-- days_available_once: the days there were in a team's week, in one row of the week and no other.
--     Senders write them in every row of a week, or in one.
SELECT
    w.*,
    CASE
        WHEN ROW_NUMBER() OVER (PARTITION BY w.team_id, w.week_start ORDER BY w.reason) = 1
            THEN MAX(w.field_staff_days_available) OVER (PARTITION BY w.team_id, w.week_start)
    END AS days_available_once
FROM main.workday_constraint AS w
