-- The tables of restricted.duckdb: true values, and all that is said of them. A document is one
-- object as JSON; the columns beside it are those that questions are asked by.

CREATE TABLE measure_value (
    measure_id VARCHAR NOT NULL,
    measure_version INTEGER NOT NULL,
    split VARCHAR NOT NULL,
    area_level VARCHAR NOT NULL,
    area_id VARCHAR NOT NULL,
    period_start DATE NOT NULL,
    period_end DATE NOT NULL,
    numerator DECIMAL(18,4),
    denominator DECIMAL(18,4),
    n BIGINT,
    value DOUBLE,
    state VARCHAR NOT NULL,
    provisional BOOLEAN NOT NULL,
    reason VARCHAR NOT NULL
);

CREATE TABLE spc_point (
    measure_id VARCHAR NOT NULL,
    split VARCHAR NOT NULL,
    area_level VARCHAR NOT NULL,
    area_id VARCHAR NOT NULL,
    period_start DATE NOT NULL,
    segment INTEGER NOT NULL,
    mean DOUBLE,
    lower_limit DOUBLE,
    upper_limit DOUBLE,
    lower_near_limit DOUBLE,
    upper_near_limit DOUBLE,
    special_cause VARCHAR NOT NULL,
    judgement VARCHAR NOT NULL
);

-- A series as charts draw it.
CREATE VIEW chart_point AS
SELECT
    v.*,
    p.segment,
    p.mean,
    p.lower_limit,
    p.upper_limit,
    p.lower_near_limit,
    p.upper_near_limit,
    p.special_cause,
    p.judgement
FROM measure_value AS v
JOIN spc_point AS p USING (measure_id, split, area_level, area_id, period_start);

CREATE TABLE finding (
    measure_id VARCHAR NOT NULL,
    split VARCHAR NOT NULL,
    area_level VARCHAR NOT NULL,
    area_id VARCHAR NOT NULL,
    period_start DATE NOT NULL,
    document VARCHAR NOT NULL
);

CREATE TABLE disagreement (area_id VARCHAR NOT NULL, document VARCHAR NOT NULL);

CREATE TABLE event ("on" DATE NOT NULL, document VARCHAR NOT NULL);

CREATE TABLE area ("order" INTEGER NOT NULL, document VARCHAR NOT NULL);

CREATE TABLE measure (
    measure_id VARCHAR NOT NULL,
    document VARCHAR NOT NULL,
    explained VARCHAR NOT NULL
);

CREATE TABLE settings (document VARCHAR NOT NULL);

-- How things stand with each measure and what was agreed to aim at: one row.
CREATE TABLE adoption (document VARCHAR NOT NULL);

-- How change is meant to come about: one row.
CREATE TABLE logic_model (document VARCHAR NOT NULL);

-- Plain sentences about the data as a whole.
CREATE TABLE note ("order" INTEGER NOT NULL, text VARCHAR NOT NULL);

-- Which table was expected from whom, and what became of it; whether it is late depends on the day
-- on which somebody asks, so that is not here. batch_ids are separated by spaces.
CREATE TABLE feed_status (
    feed VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    sent_by VARCHAR NOT NULL,
    team_id VARCHAR NOT NULL,
    month DATE NOT NULL,
    expected VARCHAR NOT NULL,
    due_on DATE,
    received BOOLEAN NOT NULL,
    told_missing BOOLEAN NOT NULL,
    received_on DATE,
    rows BIGINT NOT NULL,
    complete_pct DOUBLE,
    part_filled BOOLEAN NOT NULL,
    batch_ids VARCHAR NOT NULL,
    note VARCHAR NOT NULL
);

-- What goes on being owed after the last month with figures.
CREATE TABLE still_expected (
    feed VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    sent_by VARCHAR NOT NULL,
    team_id VARCHAR NOT NULL,
    expected_from DATE NOT NULL,
    until DATE,
    due_days BIGINT NOT NULL,
    after DATE NOT NULL
);
