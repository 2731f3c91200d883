-- The regulator's desk: filters that somebody keeps, who of an authority deals with what, reminders, files to download.

CREATE TABLE saved_filter (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    view text NOT NULL CONSTRAINT saved_filter_view CHECK (view IN ('firms', 'projects', 'flags', 'cases', 'complaints')),
    name text NOT NULL CONSTRAINT saved_filter_name CHECK (name <> ''),
    -- As it stands in the address, without the page.
    query text NOT NULL,
    saved_at timestamptz NOT NULL,
    CONSTRAINT saved_filter_once UNIQUE (person_id, view, name)
);

-- Who of an authority deals with a flag, a case, a complaint or a tip; a matter within the authority.
CREATE TABLE desk_assignment (
    id uuid PRIMARY KEY,
    authority_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    subject_id uuid NOT NULL,
    person_id uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    assigned_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    assigned_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT desk_assignment_term CHECK (assigned_at <= ended_at)
);
CREATE UNIQUE INDEX desk_assignment_current_once ON desk_assignment (authority_id, subject_id) WHERE ended_at IS NULL;

-- An authority reminds whoever is on turn in a project that a step is overdue.
CREATE TABLE step_reminder (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
    step text NOT NULL CONSTRAINT step_reminder_step CHECK (step <> ''),
    due_at timestamptz NOT NULL,
    authority_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    sent_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    sent_at timestamptz NOT NULL,
    entry_id uuid NOT NULL REFERENCES register_entry (id) ON DELETE RESTRICT,
    CONSTRAINT step_reminder_late CHECK (due_at <= sent_at),
    CONSTRAINT step_reminder_once UNIQUE (project_id, step, due_at, authority_id)
);

-- A long table is written in the background; its file can be fetched by whoever asked for it, for a while.
CREATE TABLE desk_export (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    authority_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    view text NOT NULL CONSTRAINT desk_export_view CHECK (view IN ('firms', 'projects', 'flags', 'cases', 'complaints')),
    query text NOT NULL,
    format text NOT NULL CONSTRAINT desk_export_format CHECK (format IN ('csv', 'xlsx')),
    locale text NOT NULL,
    rows_total integer NOT NULL CONSTRAINT desk_export_rows_total CHECK (rows_total >= 0),
    rows_done integer NOT NULL DEFAULT 0 CONSTRAINT desk_export_rows_done CHECK (rows_done >= 0),
    asked_at timestamptz NOT NULL,
    finished_at timestamptz,
    size bigint CONSTRAINT desk_export_size CHECK (size > 0),
    expires_at timestamptz,
    deleted_at timestamptz,
    CONSTRAINT desk_export_finished CHECK (num_nulls(finished_at, size, expires_at) IN (0, 3) AND finished_at < expires_at),
    CONSTRAINT desk_export_deleted CHECK (deleted_at IS NULL OR finished_at IS NOT NULL)
);
CREATE INDEX desk_export_of ON desk_export (person_id, asked_at DESC);
CREATE INDEX desk_export_ends ON desk_export (expires_at) WHERE finished_at IS NOT NULL AND deleted_at IS NULL;
