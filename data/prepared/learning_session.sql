-- other_teams_met: how many other teams were there: the names between semicolons.
SELECT
    s.*,
    CAST(CASE
        WHEN TRIM(s.other_teams, ' ;') <> '' THEN
            LENGTH(TRIM(s.other_teams, ' ;'))
            - LENGTH(REPLACE(TRIM(s.other_teams, ' ;'), ';', '')) + 1
        ELSE 0
    END AS BIGINT) AS other_teams_met
FROM main.learning_session AS s
