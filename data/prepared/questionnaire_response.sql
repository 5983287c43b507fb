-- steps_from_best: points between the answer and the best that there is to the question, unweighted.
--     Which end is the best is in the list of questions, for the edition that was answered, so that a
--     question which another edition turns round is counted rightly. Blank where there is no answer,
--     where it is outside the question's numbers, or where the list does not know the question.
SELECT
    r.*,
    CAST(CASE
        WHEN r.score BETWEEN i.min AND i.max THEN
            CASE WHEN COALESCE(i.reverse, FALSE) THEN r.score - i.min ELSE i.max - r.score END
    END AS DECIMAL(18,4)) AS steps_from_best
FROM main.questionnaire_response AS r
LEFT JOIN main.instrument_item AS i
    ON i.instrument = r.instrument
    AND i.version = COALESCE(r.instrument_version, '1')
    AND i.item_key = r.item_key
