-- allocated_cases: open cases that somebody has. Unknown where nobody said how many have nobody.
SELECT
    c.*,
    c.open_cases - c.unallocated AS allocated_cases
FROM main.caseload_snapshot AS c
