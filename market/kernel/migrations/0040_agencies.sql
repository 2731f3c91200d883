-- Agencies: entry, what they hold, whether they may work now.

CREATE TABLE agency (
    organisation_id uuid PRIMARY KEY REFERENCES organisation (id) ON DELETE RESTRICT,
    -- Equals agencies.rules.stage_of(facts); tests hold the two together.
    stage text NOT NULL CONSTRAINT agency_stage CHECK (
        stage IN ('draft', 'submitted', 'returned', 'notice', 'admitted', 'refused', 'exited')),
    introduction text NOT NULL,
    established_on date,
    registered_capital_fen bigint CONSTRAINT agency_capital CHECK (registered_capital_fen >= 0),
    licence_file_id uuid REFERENCES stored_file (id) ON DELETE RESTRICT,
    service_items text[] NOT NULL,
    -- The parent's code when this is a branch: parent and branches count as one bidder.
    branch_of text,
    -- The parent's letter that lets the branch act in its own name.
    branch_file_id uuid REFERENCES stored_file (id) ON DELETE RESTRICT,
    corrections_used integer NOT NULL DEFAULT 0 CONSTRAINT agency_corrections CHECK (corrections_used >= 0),
    submitted_at timestamptz,
    returned_at timestamptz,
    notice_started_at timestamptz,
    notice_ends_at timestamptz,
    admitted_at timestamptz,
    refused_at timestamptz,
    refusal_reason text NOT NULL DEFAULT '',
    exited_at timestamptz,
    exit_reason text NOT NULL DEFAULT '',
    -- submitted: when the review is due (for the lamp); returned: when the application lapses; notice: when it ends.
    due_at timestamptz,
    -- Changes of an admitted agency that wait for review: since when, and due when.
    changes_since timestamptz,
    changes_due_at timestamptz,
    -- Pages re-read this to refuse a form made from an older state.
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT agency_changes_due CHECK ((changes_since IS NULL) = (changes_due_at IS NULL))
);
CREATE INDEX agency_due ON agency (due_at) WHERE stage IN ('returned', 'notice');
CREATE INDEX agency_by_stage ON agency (stage, admitted_at DESC);
CREATE INDEX agency_to_review ON agency (due_at) WHERE stage = 'submitted';
CREATE INDEX agency_changes_to_review ON agency (changes_due_at) WHERE changes_since IS NOT NULL;
CREATE INDEX agency_by_item ON agency USING gin (service_items);
CREATE INDEX agency_branches ON agency (branch_of) WHERE branch_of IS NOT NULL;
CREATE INDEX agency_name_search ON organisation USING gin (cjk_terms(name)) WHERE kind = 'agency';
CREATE INDEX agency_by_region ON organisation (region_code text_pattern_ops) WHERE kind = 'agency';

CREATE TABLE agency_commitment (
    id uuid PRIMARY KEY,
    agency_id uuid NOT NULL REFERENCES agency (organisation_id) ON DELETE RESTRICT,
    text_version text NOT NULL,
    text_sha256 text NOT NULL CONSTRAINT agency_commitment_sha256 CHECK (text_sha256 ~ '^[0-9a-f]{64}$'),
    accepted_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    accepted_at timestamptz NOT NULL,
    CONSTRAINT agency_commitment_once UNIQUE (agency_id, text_version)
);

-- Qualifications, practitioners and authorised persons are items: each is reviewed by itself, and a change is a new
-- row that replaces the old one only when it is accepted.
CREATE TABLE agency_qualification (
    id uuid PRIMARY KEY,
    agency_id uuid NOT NULL REFERENCES agency (organisation_id) ON DELETE RESTRICT,
    qualification_type text NOT NULL,
    level text NOT NULL,
    specialities text[] NOT NULL,
    certificate_number text NOT NULL CONSTRAINT agency_qualification_number CHECK (certificate_number <> ''),
    valid_from date NOT NULL,
    valid_until date NOT NULL,
    file_id uuid REFERENCES stored_file (id) ON DELETE RESTRICT,
    review text NOT NULL CONSTRAINT agency_qualification_review CHECK (review IN ('pending', 'accepted', 'returned')),
    review_reason text NOT NULL DEFAULT '',
    reviewed_at timestamptz,
    replaces uuid REFERENCES agency_qualification (id) ON DELETE RESTRICT,
    ended_at timestamptz,
    -- Days before expiry of the last warning sent (60, 30, 7; -1 once it has expired); null before the first.
    warned_days integer,
    created_at timestamptz NOT NULL,
    CONSTRAINT agency_qualification_dates CHECK (valid_until >= valid_from)
);
CREATE INDEX agency_qualification_of ON agency_qualification (agency_id) WHERE ended_at IS NULL;
CREATE INDEX agency_qualification_by_type ON agency_qualification (qualification_type, agency_id)
    WHERE ended_at IS NULL AND review = 'accepted';
CREATE UNIQUE INDEX agency_qualification_replaced_once ON agency_qualification (replaces)
    WHERE ended_at IS NULL AND review <> 'accepted';
CREATE INDEX agency_qualification_expiring ON agency_qualification (valid_until)
    WHERE ended_at IS NULL AND review = 'accepted' AND warned_days IS DISTINCT FROM -1;

CREATE TABLE agency_practitioner (
    id uuid PRIMARY KEY,
    agency_id uuid NOT NULL REFERENCES agency (organisation_id) ON DELETE RESTRICT,
    name text NOT NULL CONSTRAINT agency_practitioner_name CHECK (name <> ''),
    id_number_sealed text NOT NULL,
    id_number_digest text NOT NULL,
    id_number_masked text NOT NULL,
    profession text NOT NULL,
    certificate_number text NOT NULL,
    valid_until date NOT NULL,
    insurance_file_id uuid REFERENCES stored_file (id) ON DELETE RESTRICT,
    review text NOT NULL CONSTRAINT agency_practitioner_review CHECK (review IN ('pending', 'accepted', 'returned')),
    review_reason text NOT NULL DEFAULT '',
    reviewed_at timestamptz,
    replaces uuid REFERENCES agency_practitioner (id) ON DELETE RESTRICT,
    warned_days integer,
    since timestamptz NOT NULL,
    left_at timestamptz
);
-- A person can be bound to one agency at a time; the binding begins when it is accepted, so that nobody can block a
-- person by merely naming them in a draft.
CREATE UNIQUE INDEX practitioner_bound_once ON agency_practitioner (id_number_digest)
    WHERE left_at IS NULL AND review = 'accepted';
CREATE UNIQUE INDEX practitioner_listed_once ON agency_practitioner (agency_id, id_number_digest)
    WHERE left_at IS NULL AND (replaces IS NULL OR review = 'accepted');
CREATE UNIQUE INDEX practitioner_replaced_once ON agency_practitioner (replaces)
    WHERE left_at IS NULL AND review <> 'accepted';
CREATE INDEX agency_practitioner_of ON agency_practitioner (agency_id) WHERE left_at IS NULL;
CREATE INDEX agency_practitioner_expiring ON agency_practitioner (valid_until)
    WHERE left_at IS NULL AND review = 'accepted' AND warned_days IS DISTINCT FROM -1;

CREATE TABLE agency_authorised_person (
    id uuid PRIMARY KEY,
    agency_id uuid NOT NULL REFERENCES agency (organisation_id) ON DELETE RESTRICT,
    name text NOT NULL CONSTRAINT agency_authorised_person_name CHECK (name <> ''),
    phone text NOT NULL,
    -- Proof of three months' social insurance with this agency, and the sealed letter of authority.
    insurance_file_id uuid REFERENCES stored_file (id) ON DELETE RESTRICT,
    authority_file_id uuid REFERENCES stored_file (id) ON DELETE RESTRICT,
    review text NOT NULL CONSTRAINT agency_authorised_review CHECK (review IN ('pending', 'accepted', 'returned')),
    review_reason text NOT NULL DEFAULT '',
    reviewed_at timestamptz,
    replaces uuid REFERENCES agency_authorised_person (id) ON DELETE RESTRICT,
    since timestamptz NOT NULL,
    left_at timestamptz
);
CREATE INDEX agency_authorised_person_of ON agency_authorised_person (agency_id) WHERE left_at IS NULL;
CREATE UNIQUE INDEX authorised_person_replaced_once ON agency_authorised_person (replaces)
    WHERE left_at IS NULL AND review <> 'accepted';

-- What an admitted agency wants changed in one of its sections; what stands stays until this is accepted.
CREATE TABLE agency_change (
    id uuid PRIMARY KEY,
    agency_id uuid NOT NULL REFERENCES agency (organisation_id) ON DELETE RESTRICT,
    section text NOT NULL CONSTRAINT agency_change_section CHECK (section IN ('firm', 'services', 'licence')),
    -- The section's fields as they would be.
    proposed jsonb NOT NULL,
    file_id uuid REFERENCES stored_file (id) ON DELETE RESTRICT,
    review text NOT NULL CONSTRAINT agency_change_review CHECK (review IN ('pending', 'accepted', 'returned')),
    review_reason text NOT NULL DEFAULT '',
    reviewed_at timestamptz,
    proposed_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    proposed_at timestamptz NOT NULL,
    -- Withdrawn, replaced by a newer proposal, or in force.
    ended_at timestamptz
);
CREATE UNIQUE INDEX agency_change_once ON agency_change (agency_id, section) WHERE ended_at IS NULL;

-- Each review of an application or of changes: who decided what, item by item.
CREATE TABLE agency_review (
    id uuid PRIMARY KEY,
    agency_id uuid NOT NULL REFERENCES agency (organisation_id) ON DELETE RESTRICT,
    decision text NOT NULL CONSTRAINT agency_review_decision CHECK (decision IN ('accepted', 'returned', 'refused')),
    -- [{"item": "licence" | "qualification:<id>" | …, "accepted": bool, "reason": text}]
    items jsonb NOT NULL,
    reviewed_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    reviewed_at timestamptz NOT NULL
);
CREATE INDEX agency_review_of ON agency_review (agency_id, reviewed_at DESC);

-- Whether the agency may sign up now; written by ratings through agencies.actions only. No row: it may.
CREATE TABLE agency_standing (
    agency_id uuid PRIMARY KEY REFERENCES agency (organisation_id) ON DELETE RESTRICT,
    -- Suspended while now < suspended_until.
    suspended_until timestamptz,
    suspension_reason text NOT NULL DEFAULT '',
    -- On the restricted list while now < restricted_until.
    restricted_until timestamptz,
    restriction_reason text NOT NULL DEFAULT '',
    score integer,
    updated_at timestamptz NOT NULL
);
CREATE INDEX agency_standing_by_score ON agency_standing (score DESC NULLS LAST);
