-- Certificates under which contracts are signed, and the documents that come of it.
CREATE TABLE signing_certificate (
    id uuid PRIMARY KEY,
    role text NOT NULL CONSTRAINT signing_certificate_role CHECK (role IN ('authority', 'timestamp', 'signatory')),
    -- Whose it is; authority and timestamp belong to the market.
    organisation_id uuid REFERENCES organisation (id) ON DELETE RESTRICT,
    person_id uuid REFERENCES person (id) ON DELETE RESTRICT,
    serial text NOT NULL CONSTRAINT signing_certificate_serial_once UNIQUE,
    -- PEM: the certificate, then those above it.
    chain text NOT NULL,
    -- PEM, sealed with the market's secret; null where the key is kept elsewhere (an authority of others).
    sealed_key text,
    issued_at timestamptz NOT NULL,
    valid_until timestamptz NOT NULL CONSTRAINT signing_certificate_valid CHECK (valid_until > issued_at),
    retired_at timestamptz,
    CONSTRAINT signing_certificate_of_somebody CHECK (
        (role = 'signatory') = (organisation_id IS NOT NULL AND person_id IS NOT NULL)),
    CONSTRAINT signing_certificate_keeps_its_secret CHECK (role = 'authority' OR sealed_key IS NOT NULL)
);
CREATE UNIQUE INDEX signing_certificate_market_once ON signing_certificate (role)
    WHERE role <> 'signatory' AND retired_at IS NULL;
CREATE UNIQUE INDEX signing_certificate_signatory_once ON signing_certificate (organisation_id, person_id)
    WHERE role = 'signatory' AND retired_at IS NULL;

CREATE TABLE contract_document (
    id uuid PRIMARY KEY,
    contract_id uuid NOT NULL REFERENCES contract (id) ON DELETE RESTRICT,
    -- signed: made by the market with the signatures of both sides; paper: a scan of what was signed by hand
    kind text NOT NULL CONSTRAINT contract_document_kind CHECK (kind IN ('signed', 'paper')),
    file_id uuid NOT NULL CONSTRAINT contract_document_file_once UNIQUE REFERENCES stored_file (id) ON DELETE RESTRICT,
    sha256 text NOT NULL CONSTRAINT contract_document_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    -- The text inside a signed document: its first bytes, as they were before any signature.
    text_size integer,
    text_sha256 text CONSTRAINT contract_document_text_sha256 CHECK (text_sha256 ~ '^[0-9a-f]{64}$'),
    terms_sha256 text NOT NULL CONSTRAINT contract_document_terms_sha256 CHECK (terms_sha256 ~ '^[0-9a-f]{64}$'),
    -- Under which certificates a signed document was signed.
    owner_certificate_id uuid REFERENCES signing_certificate (id) ON DELETE RESTRICT,
    agency_certificate_id uuid REFERENCES signing_certificate (id) ON DELETE RESTRICT,
    made_at timestamptz NOT NULL,
    -- paper: who sent it, and who of the other side confirmed the same fingerprint or refused it
    sent_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    sent_side text CONSTRAINT contract_document_side CHECK (sent_side IN ('owner', 'agency')),
    confirmed_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    confirmed_at timestamptz,
    refused_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    refused_at timestamptz,
    refusal text NOT NULL DEFAULT '',
    CONSTRAINT contract_document_text CHECK ((kind = 'signed') = (text_size IS NOT NULL AND text_sha256 IS NOT NULL)),
    CONSTRAINT contract_document_certificates CHECK (
        (kind = 'signed') = (owner_certificate_id IS NOT NULL AND agency_certificate_id IS NOT NULL)),
    CONSTRAINT contract_document_sent CHECK ((kind = 'paper') = (sent_by IS NOT NULL AND sent_side IS NOT NULL)),
    CONSTRAINT contract_document_confirmed CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL)),
    CONSTRAINT contract_document_refused CHECK (
        (refused_by IS NULL) = (refused_at IS NULL) AND (refused_at IS NULL) = (refusal = '')),
    CONSTRAINT contract_document_one_answer CHECK (confirmed_at IS NULL OR refused_at IS NULL)
);
CREATE INDEX contract_document_of_contract ON contract_document (contract_id);
CREATE INDEX contract_document_by_sha256 ON contract_document (sha256);
CREATE UNIQUE INDEX contract_document_signed_once ON contract_document (contract_id, terms_sha256) WHERE kind = 'signed';
CREATE UNIQUE INDEX contract_document_paper_open_once ON contract_document (contract_id)
    WHERE kind = 'paper' AND confirmed_at IS NULL AND refused_at IS NULL;
CREATE UNIQUE INDEX contract_document_paper_once ON contract_document (contract_id, terms_sha256)
    WHERE kind = 'paper' AND confirmed_at IS NOT NULL;
