-- answer_due_on: the second working day after the one on which it was asked.
-- is_late: it was not answered by that day. Blank while the calendar does not reach so far.
SELECT
    r.*,
    due.date AS answer_due_on,
    CASE
        WHEN due.date IS NULL THEN NULL
        WHEN r.answered_on IS NULL THEN TRUE
        ELSE r.answered_on > due.date
    END AS is_late
FROM main.information_request AS r
LEFT JOIN (
    SELECT date, SUM(working_days) OVER (ORDER BY date) AS worked FROM main.calendar
) AS asked
    ON asked.date = r.asked_on
LEFT JOIN (
    SELECT date, SUM(working_days) OVER (ORDER BY date) AS worked, working_days FROM main.calendar
) AS due
    ON due.worked = asked.worked + 2 AND due.working_days = 1
