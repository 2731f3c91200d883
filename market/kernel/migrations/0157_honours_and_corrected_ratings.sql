-- Honours that agencies propose and those who supervise accept; ratings that a decision has struck.

CREATE TABLE honour (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    level text NOT NULL CONSTRAINT honour_level CHECK (level IN ('county', 'city', 'province', 'nation')),
    title text NOT NULL CONSTRAINT honour_title CHECK (title <> ''),
    issuer text NOT NULL CONSTRAINT honour_issuer CHECK (issuer <> ''),
    certificate text NOT NULL CONSTRAINT honour_certificate CHECK (certificate <> ''),
    awarded_on date NOT NULL,
    file_id uuid NOT NULL REFERENCES stored_file (id) ON DELETE RESTRICT,
    proposed_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    proposed_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    entry_id uuid NOT NULL REFERENCES register_entry (id) ON DELETE RESTRICT,
    outcome text CONSTRAINT honour_outcome CHECK (outcome IN ('accepted', 'refused')),
    reason text NOT NULL DEFAULT '',
    authority_id uuid REFERENCES organisation (id) ON DELETE RESTRICT,
    decided_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    decided_at timestamptz,
    decision_entry_id uuid REFERENCES register_entry (id) ON DELETE RESTRICT,
    CONSTRAINT honour_awarded_before CHECK (awarded_on <= (proposed_at AT TIME ZONE 'Asia/Shanghai')::date),
    CONSTRAINT honour_decided CHECK (
        num_nonnulls(outcome, authority_id, decided_by, decided_at, decision_entry_id) IN (0, 5)
        AND (outcome IS NOT DISTINCT FROM 'refused') = (reason <> '')),
    CONSTRAINT honour_decided_by_another CHECK (decided_by <> proposed_by AND authority_id <> organisation_id)
);
-- A certificate counts once; after a refusal it may be proposed again.
CREATE UNIQUE INDEX honour_certificate_once ON honour (organisation_id, certificate) WHERE outcome IS DISTINCT FROM 'refused';
CREATE INDEX honour_open ON honour (due_at) WHERE outcome IS NULL;
CREATE FUNCTION keep_honour() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.outcome IS NOT NULL THEN
        RAISE EXCEPTION 'the honour was decided about: that stays' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER honour_stays BEFORE UPDATE ON honour FOR EACH ROW EXECUTE FUNCTION keep_honour();
CREATE TRIGGER honour_is_kept BEFORE DELETE OR TRUNCATE ON honour FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Struck by decision: shown with its correction, never counted again. The words of whoever rated stay as they are.
ALTER TABLE rating
    ADD COLUMN struck_at timestamptz,
    ADD COLUMN struck_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    ADD COLUMN struck_reason text NOT NULL DEFAULT '',
    ADD COLUMN struck_entry_id uuid REFERENCES register_entry (id) ON DELETE RESTRICT,
    ADD CONSTRAINT rating_struck CHECK (
        num_nonnulls(struck_at, struck_by, struck_entry_id) IN (0, 3) AND (struck_at IS NULL) = (struck_reason = '')
        AND (struck_at IS NULL OR revealed_at IS NOT NULL)),
    ADD CONSTRAINT rating_struck_by_another CHECK (struck_by <> rated_by);
