-- Agencies: entry, what they hold, whether they may work now.

CREATE TABLE agency (
    organisation_id uuid PRIMARY KEY REFERENCES organisation (id) ON DELETE RESTRICT,
    stage text NOT NULL CONSTRAINT agency_stage CHECK (
        stage IN ('draft', 'submitted', 'returned', 'notice', 'admitted', 'refused', 'exited')),
    introduction text NOT NULL,
    established_on date,
    registered_capital_fen bigint CONSTRAINT agency_capital CHECK (registered_capital_fen >= 0),
    licence_file_id uuid REFERENCES stored_file (id) ON DELETE RESTRICT,
    service_items text[] NOT NULL,
    -- The parent's code when this is a branch: parent and branches count as one bidder.
    branch_of text,
    corrections_used integer NOT NULL DEFAULT 0 CONSTRAINT agency_corrections CHECK (corrections_used >= 0),
    submitted_at timestamptz,
    returned_at timestamptz,
    notice_started_at timestamptz,
    notice_ends_at timestamptz,
    admitted_at timestamptz,
    refused_at timestamptz,
    exited_at timestamptz,
    -- The next moment at which something happens by itself (review overdue, correction lapsed, notice over).
    due_at timestamptz,
    -- Pages re-read this to refuse a form made from an older state.
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX agency_due ON agency (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX agency_by_item ON agency USING gin (service_items);

CREATE TABLE agency_commitment (
    id uuid PRIMARY KEY,
    agency_id uuid NOT NULL REFERENCES agency (organisation_id) ON DELETE RESTRICT,
    text_version text NOT NULL,
    text_sha256 text NOT NULL CONSTRAINT agency_commitment_sha256 CHECK (text_sha256 ~ '^[0-9a-f]{64}$'),
    accepted_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    accepted_at timestamptz NOT NULL
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
    -- Days before expiry of the last warning sent (60, 30, 7); null before the first.
    warned_days integer,
    created_at timestamptz NOT NULL,
    CONSTRAINT agency_qualification_dates CHECK (valid_until >= valid_from)
);
CREATE INDEX agency_qualification_of ON agency_qualification (agency_id) WHERE ended_at IS NULL;
CREATE INDEX agency_qualification_by_type ON agency_qualification (qualification_type, agency_id)
    WHERE ended_at IS NULL AND review = 'accepted';

CREATE TABLE agency_practitioner (
    id uuid PRIMARY KEY,
    agency_id uuid NOT NULL REFERENCES agency (organisation_id) ON DELETE RESTRICT,
    name text NOT NULL CONSTRAINT agency_practitioner_name CHECK (name <> ''),
    id_number_sealed text NOT NULL,
    id_number_digest text NOT NULL,
    profession text NOT NULL,
    certificate_number text NOT NULL,
    valid_until date NOT NULL,
    insurance_file_id uuid REFERENCES stored_file (id) ON DELETE RESTRICT,
    review text NOT NULL CONSTRAINT agency_practitioner_review CHECK (review IN ('pending', 'accepted', 'returned')),
    review_reason text NOT NULL DEFAULT '',
    reviewed_at timestamptz,
    since timestamptz NOT NULL,
    left_at timestamptz
);
-- A person can be bound to one agency at a time.
CREATE UNIQUE INDEX practitioner_bound_once ON agency_practitioner (id_number_digest) WHERE left_at IS NULL;
CREATE INDEX agency_practitioner_of ON agency_practitioner (agency_id) WHERE left_at IS NULL;

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
    since timestamptz NOT NULL,
    left_at timestamptz
);
CREATE INDEX agency_authorised_person_of ON agency_authorised_person (agency_id) WHERE left_at IS NULL;

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
