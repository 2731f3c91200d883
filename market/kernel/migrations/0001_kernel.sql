-- What every part of the market stands on. No business words here.

CREATE TABLE clock_anchor (
    one boolean PRIMARY KEY DEFAULT true CONSTRAINT clock_anchor_is_one CHECK (one),
    real_anchor timestamptz NOT NULL,
    market_anchor timestamptz NOT NULL,
    speed integer NOT NULL CONSTRAINT clock_anchor_speed CHECK (speed BETWEEN 1 AND 1440)
);

-- The operator's corrections of the working-day calendar.
CREATE TABLE calendar_day (
    day date PRIMARY KEY,
    working boolean NOT NULL,
    reason text NOT NULL CONSTRAINT calendar_day_reason CHECK (reason <> ''),
    entered_by uuid,
    entered_at timestamptz NOT NULL
);
CREATE TABLE calendar_year (
    year integer PRIMARY KEY,
    entered_by uuid,
    entered_at timestamptz NOT NULL
);

CREATE TABLE stored_file (
    id uuid PRIMARY KEY,
    owner_organisation_id uuid NOT NULL,
    name text NOT NULL CONSTRAINT stored_file_name CHECK (name <> ''),
    media_type text NOT NULL,
    size bigint NOT NULL CONSTRAINT stored_file_size CHECK (size > 0),
    sha256 text NOT NULL CONSTRAINT stored_file_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    uploaded_by uuid NOT NULL,
    uploaded_at timestamptz NOT NULL
);

CREATE TABLE worker_heartbeat (
    worker text PRIMARY KEY,
    beat_at timestamptz NOT NULL
);

-- Chinese text search without extensions: runs of Chinese characters become their pairs of neighbours (and the last
-- character alone), everything else words. See docs/adr on search.
CREATE FUNCTION cjk_terms(t text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_to_tsvector(array_agg(DISTINCT piece)), ''::tsvector)
    FROM (
        SELECT CASE WHEN run[1] ~ '^[a-z0-9]' THEN run[1] ELSE substr(run[1], place, 2) END AS piece
        FROM regexp_matches(lower(t), '[\u3400-\u9fff\uf900-\ufaff]+|[a-z0-9]+', 'g') AS run,
             LATERAL generate_series(1, CASE WHEN run[1] ~ '^[a-z0-9]' THEN 1 ELSE length(run[1]) END) AS place
    ) AS pieces
$$;

-- For tables that only grow.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % only grows: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END
$$;

-- Present only in a demonstration market; production refuses to start on such a database.
CREATE TABLE demonstration (
    one boolean PRIMARY KEY DEFAULT true CONSTRAINT demonstration_is_one CHECK (one),
    built_at timestamptz NOT NULL,
    finished boolean NOT NULL
);
