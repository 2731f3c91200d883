-- Cases against owners and experts beside agencies, begun by a tip too; talks with place, time and minutes.

ALTER TABLE conduct_case
    ADD COLUMN tip_id uuid REFERENCES tip (id) ON DELETE RESTRICT,
    -- Until when the talk that was decided is to be held.
    ADD COLUMN talk_due_at timestamptz,
    DROP CONSTRAINT conduct_case_violation,
    ADD CONSTRAINT conduct_case_violation CHECK (violation IN (
        'sign_refused', 'poor_performance', 'undisclosed_change', 'expired_certificate', 'overcharge', 'kickback',
        'illegal_subcontract', 'fraud', 'collusion', 'repeated_complaints', 'owner_refusal', 'late_payment',
        'tailored_requirements', 'breached_confidence', 'hidden_conflict', 'biased_marks', 'other')),
    DROP CONSTRAINT conduct_case_origin,
    ADD CONSTRAINT conduct_case_origin CHECK (origin IN ('hand', 'event', 'flag', 'complaint', 'tip')),
    DROP CONSTRAINT conduct_case_source,
    ADD CONSTRAINT conduct_case_source CHECK (
        (origin = 'event') = (event_id IS NOT NULL) AND (origin = 'flag') = (flag_id IS NOT NULL)
        AND (origin = 'complaint') = (complaint_id IS NOT NULL) AND (origin = 'tip') = (tip_id IS NOT NULL)),
    DROP CONSTRAINT conduct_case_proposed_measure,
    ADD CONSTRAINT conduct_case_proposed_measure CHECK (
        proposed_measure IN ('reminder', 'talk', 'warning', 'pause', 'report', 'removal', 'restricted'));
CREATE UNIQUE INDEX conduct_case_of_tip_once ON conduct_case (tip_id, organisation_id) WHERE tip_id IS NOT NULL;
ALTER TABLE case_measure
    DROP CONSTRAINT case_measure_kind,
    ADD CONSTRAINT case_measure_kind CHECK (
        kind IN ('reminder', 'talk', 'warning', 'pause', 'report', 'removal', 'restricted'));
ALTER TABLE conduct_case_file
    DROP CONSTRAINT conduct_case_file_step,
    ADD CONSTRAINT conduct_case_file_step CHECK (
        step IN ('evidence', 'defence', 'hearing', 'appeal', 'repair', 'talk'));

-- The talk that a decision orders: one a case, put off as often as needed until it is held.
CREATE TABLE case_talk (
    case_id uuid PRIMARY KEY REFERENCES conduct_case (id) ON DELETE RESTRICT,
    talk_at timestamptz NOT NULL,
    place text NOT NULL CONSTRAINT case_talk_place CHECK (place <> ''),
    set_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    set_at timestamptz NOT NULL,
    held_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    held_at timestamptz,
    -- Who was there, or that nobody came.
    present text NOT NULL DEFAULT '',
    minutes text NOT NULL DEFAULT '',
    entry_id uuid REFERENCES register_entry (id) ON DELETE RESTRICT,
    CONSTRAINT case_talk_ahead CHECK (set_at < talk_at),
    CONSTRAINT case_talk_held CHECK (
        num_nonnulls(held_by, held_at, entry_id) IN (0, 3) AND (held_at IS NULL) = (minutes = '')
        AND (held_at IS NULL) = (present = '') AND (held_at IS NULL OR held_at >= talk_at))
);
CREATE FUNCTION keep_case_talk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.held_at IS NOT NULL THEN
        RAISE EXCEPTION 'the talk was held: its minutes stay' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER case_talk_stays BEFORE UPDATE ON case_talk FOR EACH ROW EXECUTE FUNCTION keep_case_talk();
CREATE TRIGGER case_talk_is_kept BEFORE DELETE OR TRUNCATE ON case_talk FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
