-- When a result is disputed: the owner's statement and the legal cause of an answer, complaints to the regulator, and what
-- stands still until they are decided.

ALTER TABLE objection
    -- Until when the owner may state its view before the operator answers; null where the owner itself objects.
    ADD COLUMN statement_due_at timestamptz,
    ADD COLUMN statement text NOT NULL DEFAULT '',
    ADD COLUMN stated_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    ADD COLUMN stated_at timestamptz,
    -- The provision that the answer rests on.
    ADD COLUMN legal_cause text NOT NULL DEFAULT '',
    ADD CONSTRAINT objection_stated CHECK (
        (stated_at IS NULL) = (stated_by IS NULL) AND (stated_at IS NULL) = (statement = '')
        AND (stated_at IS NULL OR statement_due_at IS NOT NULL)),
    -- An objection that ends with a complaint about another one ends with that one's remedy.
    DROP CONSTRAINT objection_remedy,
    ADD CONSTRAINT objection_remedy CHECK (remedy IN ('redraw', 'reopen', 'annul'));

-- While one is open for a project its result does not become final and its contract is neither signed, refused nor lapsed.
CREATE TABLE signing_hold (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
    -- The contract that was waiting for signatures; null where there was none yet.
    contract_id uuid REFERENCES contract (id) ON DELETE RESTRICT,
    -- The number of the complaint that holds it.
    reference text NOT NULL CONSTRAINT signing_hold_reference CHECK (reference <> ''),
    since timestamptz NOT NULL,
    until timestamptz,
    -- Until when the contract is to be signed after this hold; null while others go on, and where nothing is left to sign.
    sign_due_at timestamptz,
    CONSTRAINT signing_hold_period CHECK (until >= since),
    CONSTRAINT signing_hold_due CHECK (sign_due_at IS NULL OR (until IS NOT NULL AND contract_id IS NOT NULL))
);
CREATE UNIQUE INDEX signing_hold_once ON signing_hold (reference) WHERE until IS NULL;
CREATE INDEX signing_hold_open ON signing_hold (project_id) WHERE until IS NULL;
CREATE INDEX signing_hold_of_contract ON signing_hold (contract_id, until) WHERE sign_due_at IS NOT NULL;

CREATE TABLE complaint (
    id uuid PRIMARY KEY,
    number text NOT NULL CONSTRAINT complaint_number_once UNIQUE,
    project_id uuid NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
    objection_id uuid NOT NULL REFERENCES objection (id) ON DELETE RESTRICT,
    complainant_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    -- As what it complains: who objected, the owner, or the winner whose result was annulled.
    standing text NOT NULL CONSTRAINT complaint_standing CHECK (standing IN ('objector', 'owner', 'winner')),
    grounds text NOT NULL CONSTRAINT complaint_grounds CHECK (grounds <> ''),
    request text NOT NULL,
    filed_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    filed_at timestamptz NOT NULL,
    -- The register entry of the complaint: its receipt.
    entry_id uuid NOT NULL REFERENCES register_entry (id) ON DELETE RESTRICT,
    hold_id uuid REFERENCES signing_hold (id) ON DELETE RESTRICT,
    -- The regulator that took it up; nobody else goes on with it.
    authority_id uuid REFERENCES organisation (id) ON DELETE RESTRICT,
    acceptance_due_at timestamptz NOT NULL,
    returned_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    returned_at timestamptz,
    return_reason text NOT NULL DEFAULT '',
    correction_due_at timestamptz,
    correction text NOT NULL DEFAULT '',
    corrected_at timestamptz,
    accepted_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    accepted_at timestamptz,
    decision_due_at timestamptz,
    extended_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    extended_at timestamptz,
    extension_reason text NOT NULL DEFAULT '',
    -- By nobody where the time to correct it ran out.
    refused_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    refused_at timestamptz,
    refusal_reason text NOT NULL DEFAULT '',
    withdrawn_at timestamptz,
    decision text CONSTRAINT complaint_decision CHECK (decision IN ('dismissed', 'upheld')),
    remedy text CONSTRAINT complaint_remedy CHECK (remedy IN ('redraw', 'reopen', 'annul', 'finding')),
    -- Who is left out of a further draw.
    excluded_id uuid REFERENCES organisation (id) ON DELETE RESTRICT,
    legal_cause text NOT NULL DEFAULT '',
    -- The key of the rulebook that decides beside the law.
    rule text NOT NULL DEFAULT '',
    reasons text NOT NULL DEFAULT '',
    decided_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    decided_at timestamptz,
    CONSTRAINT complaint_once UNIQUE (objection_id, complainant_id),
    CONSTRAINT complaint_returned CHECK (
        (returned_at IS NULL) = (correction_due_at IS NULL) AND (returned_at IS NULL) = (return_reason = '')
        AND (returned_at IS NOT NULL OR corrected_at IS NULL) AND (corrected_at IS NULL) = (correction = '')),
    CONSTRAINT complaint_accepted CHECK (
        (accepted_at IS NULL) = (accepted_by IS NULL) AND (accepted_at IS NULL) = (decision_due_at IS NULL)
        AND (accepted_at IS NULL OR authority_id IS NOT NULL)),
    CONSTRAINT complaint_extended CHECK (
        (extended_at IS NULL) = (extended_by IS NULL) AND (extended_at IS NULL) = (extension_reason = '')
        AND (extended_at IS NULL OR accepted_at IS NOT NULL)),
    CONSTRAINT complaint_refused CHECK (
        (refused_at IS NULL) = (refusal_reason = '') AND (refused_at IS NULL OR accepted_at IS NULL)),
    CONSTRAINT complaint_decided CHECK (
        (decided_at IS NULL) = (decision IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)
        AND (decided_at IS NULL) = (legal_cause = '') AND (decided_at IS NULL) = (reasons = '')
        AND (decided_at IS NULL OR accepted_at IS NOT NULL)),
    CONSTRAINT complaint_upheld_has_remedy CHECK ((decision IS NOT DISTINCT FROM 'upheld') = (remedy IS NOT NULL)),
    CONSTRAINT complaint_excluded CHECK (excluded_id IS NULL OR remedy = 'redraw'),
    CONSTRAINT complaint_ended_once CHECK (num_nonnulls(refused_at, withdrawn_at, decided_at) <= 1)
);
CREATE INDEX complaint_of_project ON complaint (project_id, filed_at);
CREATE INDEX complaint_of_complainant ON complaint (complainant_id);
CREATE INDEX complaint_open ON complaint (filed_at)
    WHERE refused_at IS NULL AND withdrawn_at IS NULL AND decided_at IS NULL;

-- Evidence; for the complainant, the regulator and the operator only.
CREATE TABLE complaint_file (
    id uuid PRIMARY KEY,
    complaint_id uuid NOT NULL REFERENCES complaint (id) ON DELETE RESTRICT,
    file_id uuid NOT NULL REFERENCES stored_file (id) ON DELETE RESTRICT,
    CONSTRAINT complaint_file_once UNIQUE (complaint_id, file_id)
);
