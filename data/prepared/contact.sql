-- took_place: somebody was reached: seen on time, or late but seen. Where a system does not say
--     whether it took place, it did if it has begun.
SELECT
    c.*,
    COALESCE(c.attended IN ('5', '6'), c.started_at IS NOT NULL) AS took_place
FROM main.contact AS c
