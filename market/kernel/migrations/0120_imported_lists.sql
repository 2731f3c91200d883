-- Five lists that other authorities keep and that bar a firm from the market. They are only referred to: every listing
-- says from which source it was read and when. Nothing is taken over before a second person has confirmed it.

CREATE TABLE imported_list_upload (
    id uuid PRIMARY KEY,
    list text NOT NULL CONSTRAINT imported_list_upload_list CHECK (
        list IN ('bribery', 'judgment_defaulters', 'serious_violators', 'abnormal_operations', 'tax_offenders')),
    source text NOT NULL CONSTRAINT imported_list_upload_source CHECK (source <> ''),
    -- When the source was queried for this state of its whole list.
    queried_at timestamptz NOT NULL,
    file_name text NOT NULL,
    file_sha256 text NOT NULL CONSTRAINT imported_list_upload_sha256 CHECK (file_sha256 ~ '^[0-9a-f]{64}$'),
    -- Lines of the file; how many of them repeated a code and were merged; how many cannot be used.
    lines integer NOT NULL CONSTRAINT imported_list_upload_lines CHECK (lines >= 0),
    merged integer NOT NULL CONSTRAINT imported_list_upload_merged CHECK (merged >= 0),
    bad integer NOT NULL CONSTRAINT imported_list_upload_bad CHECK (bad >= 0),
    -- The first of the bad ones: [[line, message id, {facts}], …]
    problems jsonb NOT NULL,
    uploaded_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    uploaded_at timestamptz NOT NULL,
    confirmed_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    confirmed_at timestamptz,
    entry_id uuid REFERENCES register_entry (id) ON DELETE RESTRICT,
    discarded_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    discarded_at timestamptz,
    -- What the confirmation changed, in codes.
    added integer,
    changed integer,
    gone integer,
    kept integer,
    CONSTRAINT imported_list_upload_four_eyes CHECK (confirmed_by <> uploaded_by),
    CONSTRAINT imported_list_upload_confirmed CHECK (
        num_nulls(confirmed_by, confirmed_at, entry_id, added, changed, gone, kept) IN (0, 7)),
    CONSTRAINT imported_list_upload_flawless CHECK (confirmed_at IS NULL OR bad = 0),
    CONSTRAINT imported_list_upload_discarded CHECK ((discarded_by IS NULL) = (discarded_at IS NULL)),
    CONSTRAINT imported_list_upload_ended_once CHECK (confirmed_at IS NULL OR discarded_at IS NULL),
    CONSTRAINT imported_list_upload_queried CHECK (queried_at <= uploaded_at)
);
CREATE UNIQUE INDEX imported_list_upload_waits_once ON imported_list_upload (list, source)
    WHERE confirmed_at IS NULL AND discarded_at IS NULL;
CREATE INDEX imported_list_upload_by_time ON imported_list_upload (uploaded_at DESC);

-- What a file says, one row a code.
CREATE TABLE imported_list_line (
    id uuid PRIMARY KEY,
    upload_id uuid NOT NULL REFERENCES imported_list_upload (id) ON DELETE RESTRICT,
    line integer NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    entered_on date NOT NULL,
    until_on date,
    CONSTRAINT imported_list_line_once UNIQUE (upload_id, code),
    CONSTRAINT imported_list_line_term CHECK (entered_on <= until_on)
);
CREATE TRIGGER imported_list_line_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON imported_list_line
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What holds, and what held: a listing that changes ends, and another begins.
CREATE TABLE imported_listing (
    id uuid PRIMARY KEY,
    list text NOT NULL CONSTRAINT imported_listing_list CHECK (
        list IN ('bribery', 'judgment_defaulters', 'serious_violators', 'abnormal_operations', 'tax_offenders')),
    source text NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    entered_on date NOT NULL,
    until_on date,
    -- The upload that brought it, the last one that found it, and the one that found it gone.
    first_upload_id uuid NOT NULL REFERENCES imported_list_upload (id) ON DELETE RESTRICT,
    upload_id uuid NOT NULL REFERENCES imported_list_upload (id) ON DELETE RESTRICT,
    ended_upload_id uuid REFERENCES imported_list_upload (id) ON DELETE RESTRICT,
    began_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT imported_listing_term CHECK (entered_on <= until_on),
    CONSTRAINT imported_listing_ended CHECK ((ended_at IS NULL) = (ended_upload_id IS NULL))
);
CREATE UNIQUE INDEX imported_listing_current_once ON imported_listing (list, source, code) WHERE ended_at IS NULL;
CREATE INDEX imported_listing_of ON imported_listing (code);
