-- What somebody tells of a breach, signed in or anonymously, and what became of it.

CREATE SEQUENCE tip_number;

CREATE TABLE tip (
    id uuid PRIMARY KEY,
    number text NOT NULL CONSTRAINT tip_number_once UNIQUE,
    about text NOT NULL CONSTRAINT tip_about CHECK (about IN ('project', 'firm', 'expert', 'act', 'market')),
    project_id uuid REFERENCES project (id) ON DELETE RESTRICT,
    -- The firm that is accused; of a tip about an act, the authority that did it.
    accused_id uuid REFERENCES organisation (id) ON DELETE RESTRICT,
    expert_id uuid REFERENCES expert (id) ON DELETE RESTRICT,
    act_id uuid REFERENCES register_entry (id) ON DELETE RESTRICT,
    grounds text NOT NULL CONSTRAINT tip_grounds CHECK (grounds <> ''),
    -- Who tells it, or the digest of the code with which an anonymous teller comes back.
    told_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    code_sha256 text CONSTRAINT tip_code_once UNIQUE CONSTRAINT tip_code CHECK (code_sha256 ~ '^[0-9a-f]{64}$'),
    -- One form, sent twice, is one tip.
    form text NOT NULL CONSTRAINT tip_form_once UNIQUE,
    told_at timestamptz NOT NULL,
    entry_id uuid NOT NULL REFERENCES register_entry (id) ON DELETE RESTRICT,
    take_up_due_at timestamptz NOT NULL,
    authority_id uuid REFERENCES organisation (id) ON DELETE RESTRICT,
    taken_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    taken_at timestamptz,
    answer_due_at timestamptz,
    outcome text CONSTRAINT tip_outcome CHECK (outcome IN ('founded', 'unfounded', 'elsewhere')),
    answer text NOT NULL DEFAULT '',
    answered_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    answered_at timestamptz,
    withdrawn_at timestamptz,
    CONSTRAINT tip_teller CHECK (num_nonnulls(told_by, code_sha256) = 1),
    CONSTRAINT tip_subject CHECK (
        (about = 'project') = (project_id IS NOT NULL) AND (about = 'expert') = (expert_id IS NOT NULL)
        AND (about = 'act') = (act_id IS NOT NULL) AND (about <> 'firm' OR accused_id IS NOT NULL)),
    CONSTRAINT tip_taken CHECK (
        num_nonnulls(authority_id, taken_by, taken_at, answer_due_at) IN (0, 4) AND authority_id <> accused_id),
    CONSTRAINT tip_answered CHECK (
        num_nonnulls(outcome, answered_by, answered_at) IN (0, 3) AND (answered_at IS NULL) = (answer = '')
        AND (answered_at IS NULL OR taken_at IS NOT NULL)),
    CONSTRAINT tip_ended_once CHECK (answered_at IS NULL OR withdrawn_at IS NULL)
);
CREATE INDEX tip_open ON tip (told_at) WHERE answered_at IS NULL AND withdrawn_at IS NULL;
CREATE INDEX tip_of_person ON tip (told_by) WHERE told_by IS NOT NULL;
CREATE INDEX tip_founded ON tip (accused_id, answered_at) WHERE outcome = 'founded';

-- Questions of the authority, and what the teller adds.
CREATE TABLE tip_message (
    id uuid PRIMARY KEY,
    tip_id uuid NOT NULL REFERENCES tip (id) ON DELETE RESTRICT,
    -- Null where the teller writes.
    written_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    text text NOT NULL CONSTRAINT tip_message_text CHECK (text <> ''),
    written_at timestamptz NOT NULL
);
CREATE INDEX tip_message_of ON tip_message (tip_id, written_at);

CREATE TABLE tip_file (
    id uuid PRIMARY KEY,
    tip_id uuid NOT NULL REFERENCES tip (id) ON DELETE RESTRICT,
    file_id uuid NOT NULL REFERENCES stored_file (id) ON DELETE RESTRICT,
    CONSTRAINT tip_file_once UNIQUE (tip_id, file_id)
);

-- An authority passes a tip on to another; the time to answer goes on.
CREATE TABLE tip_handover (
    id uuid PRIMARY KEY,
    tip_id uuid NOT NULL REFERENCES tip (id) ON DELETE RESTRICT,
    from_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    to_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    reason text NOT NULL CONSTRAINT tip_handover_reason CHECK (reason <> ''),
    handed_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    handed_at timestamptz NOT NULL,
    CONSTRAINT tip_handover_other CHECK (from_id <> to_id)
);
CREATE INDEX tip_handover_of ON tip_handover (tip_id, handed_at);
