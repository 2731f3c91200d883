-- An honour that was accepted on evidence which turned out to be false is withdrawn, once, by another person than the one
-- who accepted it.
ALTER TABLE honour
    ADD COLUMN withdrawn_at timestamptz,
    ADD COLUMN withdrawn_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    ADD COLUMN withdrawing_authority_id uuid REFERENCES organisation (id) ON DELETE RESTRICT,
    ADD COLUMN withdrawn_reason text NOT NULL DEFAULT '',
    ADD COLUMN withdrawal_entry_id uuid REFERENCES register_entry (id) ON DELETE RESTRICT,
    ADD CONSTRAINT honour_withdrawn CHECK (
        num_nonnulls(withdrawn_at, withdrawn_by, withdrawing_authority_id, withdrawal_entry_id) IN (0, 4)
        AND (withdrawn_at IS NULL) = (withdrawn_reason = '')
        AND (withdrawn_at IS NULL OR (outcome = 'accepted' AND withdrawn_at >= decided_at))),
    ADD CONSTRAINT honour_withdrawn_by_another CHECK (
        withdrawn_by <> decided_by AND withdrawn_by <> proposed_by AND withdrawing_authority_id <> organisation_id);

CREATE OR REPLACE FUNCTION keep_honour() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE withdrawal text[] := ARRAY['withdrawn_at', 'withdrawn_by', 'withdrawing_authority_id', 'withdrawn_reason', 'withdrawal_entry_id'];
BEGIN
    IF OLD.outcome IS NOT NULL AND (OLD.withdrawn_at IS NOT NULL OR to_jsonb(NEW) - withdrawal <> to_jsonb(OLD) - withdrawal) THEN
        RAISE EXCEPTION 'the honour was decided about: that stays' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
