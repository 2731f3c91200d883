-- Experts: who may score, who was drawn for which project, what they marked.

CREATE SEQUENCE expert_number;

CREATE TABLE expert (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL CONSTRAINT expert_organisation_once UNIQUE REFERENCES organisation (id) ON DELETE RESTRICT,
    -- EX-000123: what the public knows an expert by.
    code text NOT NULL CONSTRAINT expert_code_once UNIQUE CONSTRAINT expert_code CHECK (code ~ '^EX-[0-9]{6,}$'),
    -- Equals projects.experts.rules.stage_of(facts); tests hold the two together.
    stage text NOT NULL CONSTRAINT expert_stage CHECK (
        stage IN ('draft', 'submitted', 'returned', 'admitted', 'refused', 'exited')),
    -- Codes of service classes and of service items.
    specialities text[] NOT NULL,
    profession text NOT NULL,
    title text NOT NULL,
    employer_name text NOT NULL,
    employer_code text,
    -- Identity, telephone and bank account: sealed with the site's key, shown masked.
    id_number_sealed text NOT NULL,
    id_number_digest text NOT NULL,
    id_number_masked text NOT NULL,
    phone_sealed text NOT NULL,
    phone_masked text NOT NULL,
    bank_name text NOT NULL,
    account_sealed text NOT NULL,
    account_masked text NOT NULL,
    submitted_at timestamptz,
    returned_at timestamptz,
    admitted_at timestamptz,
    refused_at timestamptz,
    exited_at timestamptz,
    -- Of the last decision: why it was returned, refused or ended.
    reason text NOT NULL DEFAULT '',
    reviewed_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    -- submitted: when the review is due (for the lamp).
    due_at timestamptz,
    -- Not drawn while now < suspended_until.
    suspended_until timestamptz,
    suspension_reason text NOT NULL DEFAULT '',
    -- Pages re-read this to refuse a form made from an older state.
    version integer NOT NULL DEFAULT 1
);
-- One person is one expert; drafts may still be blank.
CREATE UNIQUE INDEX expert_person_once ON expert (id_number_digest) WHERE id_number_digest <> '';
CREATE INDEX expert_to_review ON expert (due_at) WHERE stage = 'submitted';
CREATE INDEX expert_by_speciality ON expert USING gin (specialities);

-- Organisations with which the expert declared a conflict of interest.
CREATE TABLE expert_conflict (
    id uuid PRIMARY KEY,
    expert_id uuid NOT NULL REFERENCES expert (id) ON DELETE RESTRICT,
    organisation_code text NOT NULL CONSTRAINT expert_conflict_code CHECK (organisation_code <> ''),
    reason text NOT NULL,
    declared_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE UNIQUE INDEX expert_conflict_once ON expert_conflict (expert_id, organisation_code) WHERE ended_at IS NULL;

CREATE TABLE expert_training (
    id uuid PRIMARY KEY,
    expert_id uuid NOT NULL REFERENCES expert (id) ON DELETE RESTRICT,
    held_on date NOT NULL,
    subject text NOT NULL CONSTRAINT expert_training_subject CHECK (subject <> ''),
    hours integer NOT NULL CONSTRAINT expert_training_hours CHECK (hours BETWEEN 1 AND 1000),
    recorded_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    recorded_at timestamptz NOT NULL
);
CREATE INDEX expert_training_of ON expert_training (expert_id, held_on DESC);

CREATE TABLE expert_assessment (
    id uuid PRIMARY KEY,
    expert_id uuid NOT NULL REFERENCES expert (id) ON DELETE RESTRICT,
    year integer NOT NULL CONSTRAINT expert_assessment_year CHECK (year BETWEEN 2000 AND 2150),
    grade text NOT NULL CONSTRAINT expert_assessment_grade CHECK (grade IN ('excellent', 'adequate', 'inadequate')),
    note text NOT NULL,
    recorded_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT expert_assessment_once UNIQUE (expert_id, year)
);

-- The panel of one selection round: candidates frozen at the close, drawn when the bids open.
CREATE TABLE expert_panel (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
    round_id uuid NOT NULL CONSTRAINT expert_panel_once UNIQUE REFERENCES selection_round (id) ON DELETE RESTRICT,
    size integer NOT NULL CONSTRAINT expert_panel_size CHECK (size >= 1 AND size % 2 = 1),
    -- Keeps the published hash of the candidates from being guessed before the result; published with it.
    salt text NOT NULL CONSTRAINT expert_panel_salt CHECK (salt ~ '^[0-9a-f]{32}$'),
    candidates text[] NOT NULL,
    -- [{"expert": code, "reason": text}]
    excluded jsonb NOT NULL,
    -- Null where there were fewer candidates than seats.
    sha256 text CONSTRAINT expert_panel_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    frozen_at timestamptz NOT NULL,
    drawn_at timestamptz,
    -- All candidates in the order in which they are asked.
    drawn text[],
    -- Whose offers are to be marked, with the credit score that counts: [{"agency": code, "credit": score or null}].
    offers jsonb,
    -- Every seat is filled and signed: the marks are published.
    completed_at timestamptz,
    failed_at timestamptz,
    CONSTRAINT expert_panel_drawn CHECK (
        (drawn_at IS NULL) = (drawn IS NULL) AND (drawn_at IS NULL) = (offers IS NULL)),
    CONSTRAINT expert_panel_ends_once CHECK (completed_at IS NULL OR failed_at IS NULL)
);
CREATE INDEX expert_panel_of_project ON expert_panel (project_id, frozen_at DESC);

CREATE TABLE panel_member (
    id uuid PRIMARY KEY,
    panel_id uuid NOT NULL REFERENCES expert_panel (id) ON DELETE RESTRICT,
    expert_id uuid NOT NULL REFERENCES expert (id) ON DELETE RESTRICT,
    -- In the drawn order, from 1.
    place integer NOT NULL CONSTRAINT panel_member_place_positive CHECK (place >= 1),
    invited_at timestamptz NOT NULL,
    answer_due_at timestamptz NOT NULL,
    accepted_at timestamptz,
    marks_due_at timestamptz,
    signed_at timestamptz,
    -- Salted hash of the signed marks: in the register at once, opened with the result.
    marks_sha256 text CONSTRAINT panel_member_sha256 CHECK (marks_sha256 ~ '^[0-9a-f]{64}$'),
    marks_salt text CONSTRAINT panel_member_salt CHECK (marks_salt ~ '^[0-9a-f]{32}$'),
    -- The register entry of the signature: its receipt.
    entry_id uuid REFERENCES register_entry (id) ON DELETE RESTRICT,
    ended text CONSTRAINT panel_member_ended CHECK (ended IN ('declined', 'absent', 'conflict')),
    ended_at timestamptz,
    end_reason text NOT NULL DEFAULT '',
    -- The next deadline of this expert, while there is one; swept with SKIP LOCKED.
    due_at timestamptz,
    -- Recorded by the operator afterwards.
    fee_fen bigint CONSTRAINT panel_member_fee CHECK (fee_fen >= 0),
    service_grade text CONSTRAINT panel_member_grade CHECK (service_grade IN ('excellent', 'adequate', 'inadequate')),
    service_note text NOT NULL DEFAULT '',
    CONSTRAINT panel_member_once UNIQUE (panel_id, expert_id),
    CONSTRAINT panel_member_place UNIQUE (panel_id, place),
    CONSTRAINT panel_member_accepted CHECK ((accepted_at IS NULL) = (marks_due_at IS NULL)),
    CONSTRAINT panel_member_signed CHECK (
        (signed_at IS NULL) = (marks_sha256 IS NULL) AND (signed_at IS NULL) = (marks_salt IS NULL)
        AND (signed_at IS NULL) = (entry_id IS NULL) AND (signed_at IS NULL OR accepted_at IS NOT NULL)),
    CONSTRAINT panel_member_end CHECK ((ended IS NULL) = (ended_at IS NULL) AND (ended IS NULL OR signed_at IS NULL)),
    CONSTRAINT panel_member_due CHECK ((due_at IS NULL) = (ended IS NOT NULL OR signed_at IS NOT NULL))
);
CREATE INDEX panel_member_of_expert ON panel_member (expert_id, invited_at DESC);
CREATE INDEX panel_member_due_soon ON panel_member (due_at) WHERE due_at IS NOT NULL;

-- One expert's mark for one agency on one criterion; a draft until the expert signs.
CREATE TABLE expert_mark (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL REFERENCES panel_member (id) ON DELETE RESTRICT,
    agency_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    -- The criterion's number in the notice.
    criterion integer NOT NULL CONSTRAINT expert_mark_criterion CHECK (criterion >= 1),
    mark integer CONSTRAINT expert_mark_range CHECK (mark BETWEEN 0 AND 100),
    reason text NOT NULL,
    CONSTRAINT expert_mark_once UNIQUE (member_id, agency_id, criterion)
);

-- Encrypted proposals: the key is inside the sealed bid and public with its opening.
CREATE TABLE opened_proposal (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
    agency_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    file_id uuid NOT NULL REFERENCES stored_file (id) ON DELETE RESTRICT,
    key text NOT NULL CONSTRAINT opened_proposal_key_form CHECK (key ~ '^[0-9a-f]{64}$'),
    opened_at timestamptz NOT NULL,
    CONSTRAINT opened_proposal_once UNIQUE (project_id, agency_id)
);
