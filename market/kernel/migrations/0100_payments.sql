-- Money. Alipay holds it; here stand the instructions to Alipay, what Alipay said, and a double-entry mirror of what it
-- holds. Amounts are fen. Nothing in these tables is a balance that anybody could spend.

-- An agency as Alipay knows it: a sub-merchant with an account of its own, into which payments go and stay pending.
CREATE TABLE sub_merchant (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL CONSTRAINT sub_merchant_once UNIQUE REFERENCES organisation (id) ON DELETE RESTRICT,
    logon_id text NOT NULL CONSTRAINT sub_merchant_logon CHECK (logon_id <> ''),
    state text NOT NULL CONSTRAINT sub_merchant_state CHECK (state IN ('asked', 'reviewing', 'active', 'refused')),
    order_id text CONSTRAINT sub_merchant_order_once UNIQUE,
    smid text CONSTRAINT sub_merchant_smid_once UNIQUE,
    asked_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    asked_at timestamptz NOT NULL,
    answered_at timestamptz,
    ask_at timestamptz,
    CONSTRAINT sub_merchant_active_with_smid CHECK ((state = 'active') = (smid IS NOT NULL)),
    CONSTRAINT sub_merchant_reviewing_with_order CHECK (state <> 'reviewing' OR order_id IS NOT NULL)
);
CREATE INDEX sub_merchant_ask ON sub_merchant (ask_at) WHERE state = 'reviewing';

-- What one milestone of a contract owes: paid once, by Alipay or by bank transfer.
CREATE TABLE payable (
    id uuid PRIMARY KEY,
    reference text NOT NULL CONSTRAINT payable_reference_once UNIQUE,
    -- The project (or other matter) it belongs to, for the register and for links.
    subject text NOT NULL CONSTRAINT payable_subject CHECK (subject <> ''),
    title text NOT NULL CONSTRAINT payable_title CHECK (title <> ''),
    payer_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    payee_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    amount_fen bigint NOT NULL CONSTRAINT payable_amount CHECK (amount_fen BETWEEN 1 AND 10000000000000),
    created_at timestamptz NOT NULL,
    due_at timestamptz,
    -- The work was accepted (or somebody with the power to ordered it): what is held goes to the payee.
    release_at timestamptz,
    -- A dispute or an open difference with Alipay's bill holds the release back.
    blocked_at timestamptz,
    block_reason text NOT NULL DEFAULT '',
    cancelled_at timestamptz,
    CONSTRAINT payable_between_two CHECK (payer_id <> payee_id),
    CONSTRAINT payable_blocked_with_reason CHECK ((blocked_at IS NULL) = (block_reason = '')),
    CONSTRAINT payable_cancelled_is_not_released CHECK (cancelled_at IS NULL OR release_at IS NULL)
);
CREATE INDEX payable_of_payer ON payable (payer_id, created_at);
CREATE INDEX payable_of_payee ON payable (payee_id, created_at);

-- One trade at Alipay. A payable has one live trade at a time; a trade that is over gets a successor with a new number.
CREATE TABLE payment (
    id uuid PRIMARY KEY,
    payable_id uuid NOT NULL REFERENCES payable (id) ON DELETE RESTRICT,
    out_trade_no text NOT NULL CONSTRAINT payment_out_trade_no_once UNIQUE,
    trade_no text CONSTRAINT payment_trade_no_once UNIQUE,
    means text NOT NULL CONSTRAINT payment_means CHECK (means IN ('page', 'phone')),
    smid text NOT NULL,
    amount_fen bigint NOT NULL CONSTRAINT payment_amount CHECK (amount_fen BETWEEN 1 AND 10000000000),
    state text NOT NULL CONSTRAINT payment_state CHECK (
        state IN ('awaiting', 'closing', 'closed', 'held', 'settling', 'settled', 'refunded', 'review')),
    started_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    paid_at timestamptz,
    ended_at timestamptz,
    paid_fen bigint NOT NULL DEFAULT 0 CONSTRAINT payment_paid CHECK (paid_fen IN (0, amount_fen)),
    refunded_fen bigint NOT NULL DEFAULT 0 CONSTRAINT payment_refunded CHECK (refunded_fen >= 0),
    -- Promised to refunds and settlements whose outcome is not known yet.
    reserved_fen bigint NOT NULL DEFAULT 0 CONSTRAINT payment_reserved CHECK (reserved_fen >= 0),
    settled_fen bigint NOT NULL DEFAULT 0 CONSTRAINT payment_settled CHECK (settled_fen >= 0),
    review_reason text NOT NULL DEFAULT '',
    poll_at timestamptz,
    polls integer NOT NULL DEFAULT 0 CONSTRAINT payment_polls CHECK (polls >= 0),
    CONSTRAINT payment_gives_no_more_than_it_got CHECK (refunded_fen + reserved_fen + settled_fen <= paid_fen),
    CONSTRAINT payment_paid_with_time_and_number CHECK (
        (paid_fen > 0) = (paid_at IS NOT NULL) AND (paid_fen = 0 OR trade_no IS NOT NULL)),
    CONSTRAINT payment_state_says_paid CHECK (
        (state NOT IN ('held', 'settling', 'settled', 'refunded') OR paid_fen > 0)
        AND (state NOT IN ('awaiting', 'closing', 'closed') OR paid_fen = 0)),
    CONSTRAINT payment_settled_is_all CHECK (state <> 'settled' OR settled_fen + refunded_fen = paid_fen),
    CONSTRAINT payment_refunded_is_all CHECK (state <> 'refunded' OR refunded_fen = paid_fen),
    CONSTRAINT payment_review_with_reason CHECK ((state = 'review') = (review_reason <> ''))
);
CREATE UNIQUE INDEX payment_live_once ON payment (payable_id)
    WHERE state IN ('awaiting', 'closing', 'held', 'settling', 'settled');
CREATE INDEX payment_of_payable ON payment (payable_id);
CREATE INDEX payment_poll ON payment (poll_at) WHERE poll_at IS NOT NULL;

-- States go forward only, amounts never go back.
CREATE FUNCTION payment_goes_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state AND NOT (OLD.state || '>' || NEW.state) = ANY (ARRAY[
        'awaiting>closing', 'awaiting>closed', 'awaiting>held', 'closing>closed', 'closing>held', 'closed>review',
        'awaiting>review', 'closing>review', 'held>settling', 'held>settled', 'held>refunded', 'settling>settled', 'settling>held'])
    THEN
        RAISE EXCEPTION 'payment % cannot go from % to %', OLD.id, OLD.state, NEW.state USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_goes_forward';
    END IF;
    IF NEW.paid_fen < OLD.paid_fen OR NEW.refunded_fen < OLD.refunded_fen OR NEW.settled_fen < OLD.settled_fen
        OR (OLD.trade_no IS NOT NULL AND NEW.trade_no IS DISTINCT FROM OLD.trade_no)
        OR (NEW.payable_id, NEW.out_trade_no, NEW.amount_fen, NEW.smid) IS DISTINCT FROM (OLD.payable_id, OLD.out_trade_no, OLD.amount_fen, OLD.smid)
    THEN
        RAISE EXCEPTION 'payment % cannot be rewritten', OLD.id USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_is_not_rewritten';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER payment_goes_forward BEFORE UPDATE ON payment FOR EACH ROW EXECUTE FUNCTION payment_goes_forward();
CREATE TRIGGER payment_stays BEFORE DELETE OR TRUNCATE ON payment FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A pre-authorised bond: money in the agency's own account that Alipay keeps frozen.
CREATE TABLE bond (
    id uuid PRIMARY KEY,
    reference text NOT NULL CONSTRAINT bond_reference_once UNIQUE,
    agency_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    beneficiary_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    title text NOT NULL CONSTRAINT bond_title CHECK (title <> ''),
    total_fen bigint NOT NULL CONSTRAINT bond_total CHECK (total_fen BETWEEN 1 AND 10000000000),
    order_no text NOT NULL CONSTRAINT bond_order_once UNIQUE,
    state text NOT NULL CONSTRAINT bond_state CHECK (state IN ('asked', 'frozen', 'finished', 'expired')),
    code text NOT NULL DEFAULT '',
    auth_no text CONSTRAINT bond_auth_once UNIQUE,
    unfrozen_fen bigint NOT NULL DEFAULT 0 CONSTRAINT bond_unfrozen CHECK (unfrozen_fen >= 0),
    captured_fen bigint NOT NULL DEFAULT 0 CONSTRAINT bond_captured CHECK (captured_fen >= 0),
    reserved_fen bigint NOT NULL DEFAULT 0 CONSTRAINT bond_reserved CHECK (reserved_fen >= 0),
    created_at timestamptz NOT NULL,
    frozen_at timestamptz,
    expires_at timestamptz NOT NULL,
    poll_at timestamptz,
    CONSTRAINT bond_gives_no_more_than_it_has CHECK (unfrozen_fen + captured_fen + reserved_fen <= total_fen),
    CONSTRAINT bond_frozen_with_number CHECK ((frozen_at IS NULL) = (auth_no IS NULL)),
    CONSTRAINT bond_asked_is_not_frozen CHECK (state <> 'asked' OR frozen_at IS NULL),
    CONSTRAINT bond_frozen_has_number CHECK (state NOT IN ('frozen', 'finished') OR frozen_at IS NOT NULL),
    CONSTRAINT bond_moves_when_frozen CHECK (frozen_at IS NOT NULL OR unfrozen_fen + captured_fen + reserved_fen = 0)
);
CREATE INDEX bond_poll ON bond (poll_at) WHERE poll_at IS NOT NULL;
CREATE INDEX bond_of_agency ON bond (agency_id);

-- What Alipay is told to do: committed before the call, looked up before it is repeated, numbered by its own row.
CREATE TABLE instruction (
    id uuid PRIMARY KEY,
    kind text NOT NULL CONSTRAINT instruction_kind CHECK (kind IN ('onboard', 'close', 'refund', 'settle', 'freeze', 'unfreeze', 'capture')),
    payment_id uuid REFERENCES payment (id) ON DELETE RESTRICT,
    bond_id uuid REFERENCES bond (id) ON DELETE RESTRICT,
    sub_merchant_id uuid REFERENCES sub_merchant (id) ON DELETE RESTRICT,
    amount_fen bigint CONSTRAINT instruction_amount CHECK (amount_fen > 0),
    request_no text NOT NULL CONSTRAINT instruction_request_once UNIQUE,
    reason text NOT NULL,
    wanted_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    state text NOT NULL CONSTRAINT instruction_state CHECK (state IN ('reserved', 'sent', 'unknown', 'done', 'rejected')),
    tries integer NOT NULL DEFAULT 0 CONSTRAINT instruction_tries CHECK (tries >= 0),
    answer text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    ended_at timestamptz,
    due_at timestamptz,
    -- Real time: until then one worker has it, and may have died with it.
    leased_until timestamptz,
    CONSTRAINT instruction_about_one CHECK (num_nonnulls(payment_id, bond_id, sub_merchant_id) = 1),
    CONSTRAINT instruction_subject_fits CHECK (CASE
        WHEN kind IN ('close', 'refund', 'settle') THEN payment_id IS NOT NULL
        WHEN kind = 'onboard' THEN sub_merchant_id IS NOT NULL ELSE bond_id IS NOT NULL END),
    CONSTRAINT instruction_amount_fits CHECK ((amount_fen IS NULL) = (kind IN ('onboard', 'close'))),
    CONSTRAINT instruction_ended CHECK ((state IN ('done', 'rejected')) = (ended_at IS NOT NULL) AND (ended_at IS NULL) = (due_at IS NOT NULL)),
    CONSTRAINT instruction_sent CHECK (state = 'reserved' OR sent_at IS NOT NULL)
);
CREATE UNIQUE INDEX instruction_settle_once ON instruction (payment_id) WHERE kind = 'settle' AND state <> 'rejected';
CREATE UNIQUE INDEX instruction_close_once ON instruction (payment_id) WHERE kind = 'close' AND state NOT IN ('done', 'rejected');
CREATE UNIQUE INDEX instruction_freeze_once ON instruction (bond_id) WHERE kind = 'freeze' AND state <> 'rejected';
CREATE INDEX instruction_of_payment ON instruction (payment_id);
CREATE INDEX instruction_of_bond ON instruction (bond_id);
CREATE INDEX instruction_due ON instruction (due_at) WHERE due_at IS NOT NULL;

-- An instruction says the same for ever: its number is only good for what it first said.
CREATE FUNCTION instruction_is_not_rewritten() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.kind, NEW.payment_id, NEW.bond_id, NEW.sub_merchant_id, NEW.amount_fen, NEW.request_no)
        IS DISTINCT FROM (OLD.kind, OLD.payment_id, OLD.bond_id, OLD.sub_merchant_id, OLD.amount_fen, OLD.request_no)
        OR (OLD.ended_at IS NOT NULL AND NEW.state <> OLD.state)
    THEN
        RAISE EXCEPTION 'instruction % cannot be rewritten', OLD.id USING ERRCODE = 'check_violation', CONSTRAINT = 'instruction_is_not_rewritten';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER instruction_is_not_rewritten BEFORE UPDATE ON instruction FOR EACH ROW EXECUTE FUNCTION instruction_is_not_rewritten();
CREATE TRIGGER instruction_stays BEFORE DELETE OR TRUNCATE ON instruction FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Every notify that carried Alipay's signature, once, as it came.
CREATE TABLE notify_inbox (
    id uuid PRIMARY KEY,
    app_id text NOT NULL,
    notify_id text NOT NULL,
    body text NOT NULL,
    received_at timestamptz NOT NULL,
    outcome text NOT NULL CONSTRAINT notify_inbox_outcome CHECK (
        outcome IN ('applied', 'known', 'not_ours', 'unknown_order', 'mismatch', 'of_no_interest')),
    CONSTRAINT notify_inbox_once UNIQUE (app_id, notify_id)
);

-- The ledger: one row is both sides, so it balances by construction; balances follow rows by trigger and by nothing else.
CREATE TABLE ledger_account (
    code text PRIMARY KEY,
    normal text NOT NULL CONSTRAINT ledger_account_normal CHECK (normal IN ('debit', 'credit')),
    debits bigint NOT NULL DEFAULT 0,
    credits bigint NOT NULL DEFAULT 0,
    CONSTRAINT ledger_account_covered CHECK (
        debits >= 0 AND credits >= 0 AND CASE normal WHEN 'debit' THEN debits >= credits ELSE credits >= debits END)
);
CREATE TABLE ledger_entry (
    id uuid PRIMARY KEY,
    group_id uuid NOT NULL,
    -- Made from the number of what happened, so that nothing is booked twice.
    key text NOT NULL CONSTRAINT ledger_entry_key_once UNIQUE,
    kind text NOT NULL CONSTRAINT ledger_entry_kind CHECK (kind IN (
        'paid', 'paid_in_error', 'refund', 'refund_of_error', 'settle', 'handed_over', 'freeze', 'unfreeze', 'capture', 'reversal')),
    debit text NOT NULL REFERENCES ledger_account (code) ON DELETE RESTRICT,
    credit text NOT NULL REFERENCES ledger_account (code) ON DELETE RESTRICT,
    amount_fen bigint NOT NULL CONSTRAINT ledger_entry_amount CHECK (amount_fen > 0),
    payment_id uuid REFERENCES payment (id) ON DELETE RESTRICT,
    bond_id uuid REFERENCES bond (id) ON DELETE RESTRICT,
    -- Alipay's number of it, as its bill names it.
    provider_reference text NOT NULL,
    effective_at timestamptz NOT NULL,
    posted_at timestamptz NOT NULL,
    reverses uuid CONSTRAINT ledger_entry_reversed_once UNIQUE REFERENCES ledger_entry (id) ON DELETE RESTRICT,
    CONSTRAINT ledger_entry_two_accounts CHECK (debit <> credit),
    CONSTRAINT ledger_entry_reversal CHECK ((kind = 'reversal') = (reverses IS NOT NULL))
);
CREATE INDEX ledger_entry_of_payment ON ledger_entry (payment_id);
CREATE INDEX ledger_entry_of_bond ON ledger_entry (bond_id);
CREATE INDEX ledger_entry_effective ON ledger_entry (effective_at);
CREATE TRIGGER ledger_entry_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION ledger_entry_is_booked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM ledger_account WHERE code IN (NEW.debit, NEW.credit) ORDER BY code FOR NO KEY UPDATE;
    UPDATE ledger_account SET debits = debits + NEW.amount_fen WHERE code = NEW.debit;
    UPDATE ledger_account SET credits = credits + NEW.amount_fen WHERE code = NEW.credit;
    RETURN NEW;
END
$$;
CREATE TRIGGER ledger_entry_is_booked AFTER INSERT ON ledger_entry FOR EACH ROW EXECUTE FUNCTION ledger_entry_is_booked();

CREATE FUNCTION ledger_account_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'balances follow entries: % refused', TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER ledger_account_follows BEFORE UPDATE OR DELETE ON ledger_account
    FOR EACH ROW EXECUTE FUNCTION ledger_account_follows();

-- What a person must look at. It stays visible until somebody says what was done about it.
CREATE TABLE payment_alarm (
    id uuid PRIMARY KEY,
    kind text NOT NULL CONSTRAINT payment_alarm_kind CHECK (kind IN (
        'amount_differs', 'unknown_order', 'not_ours', 'other_trade', 'paid_in_error', 'outcome_unknown', 'rejected',
        'settles_itself', 'settled_itself', 'certificate', 'bond_expires')),
    about text NOT NULL,
    facts jsonb NOT NULL,
    raised_at timestamptz NOT NULL,
    resolved_at timestamptz,
    resolved_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    resolution text NOT NULL DEFAULT '',
    CONSTRAINT payment_alarm_once UNIQUE (kind, about),
    CONSTRAINT payment_alarm_resolved CHECK ((resolved_at IS NULL) = (resolved_by IS NULL) AND (resolved_at IS NULL) = (resolution = ''))
);
CREATE INDEX payment_alarm_open ON payment_alarm (raised_at) WHERE resolved_at IS NULL;

-- Alipay's bill of one Beijing day against the ledger's day.
CREATE TABLE bill_day (
    day date PRIMARY KEY,
    state text NOT NULL CONSTRAINT bill_day_state CHECK (state IN ('waiting', 'compared', 'closed')),
    due_at timestamptz,
    tries integer NOT NULL DEFAULT 0 CONSTRAINT bill_day_tries CHECK (tries >= 0),
    -- As it was downloaded; null where Alipay has no bill because nothing happened.
    archive bytea,
    archive_sha256 text,
    fetched_at timestamptz,
    bill_paid_fen bigint NOT NULL DEFAULT 0,
    bill_refunded_fen bigint NOT NULL DEFAULT 0,
    fees_fen bigint NOT NULL DEFAULT 0,
    ledger_paid_fen bigint NOT NULL DEFAULT 0,
    ledger_refunded_fen bigint NOT NULL DEFAULT 0,
    closed_at timestamptz,
    closed_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    CONSTRAINT bill_day_waiting CHECK ((state = 'waiting') = (fetched_at IS NULL)),
    CONSTRAINT bill_day_closed CHECK ((state = 'closed') = (closed_at IS NOT NULL) AND (closed_at IS NULL) = (closed_by IS NULL)),
    CONSTRAINT bill_day_archive CHECK ((archive IS NULL) = (archive_sha256 IS NULL))
);
CREATE INDEX bill_day_due ON bill_day (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE bill_line (
    id uuid PRIMARY KEY,
    day date NOT NULL REFERENCES bill_day (day) ON DELETE RESTRICT,
    no integer NOT NULL,
    kind text NOT NULL CONSTRAINT bill_line_kind CHECK (kind IN ('paid', 'refund')),
    trade_no text NOT NULL,
    out_trade_no text NOT NULL,
    request_no text NOT NULL,
    amount_fen bigint NOT NULL CONSTRAINT bill_line_amount CHECK (amount_fen > 0),
    fee_fen bigint NOT NULL CONSTRAINT bill_line_fee CHECK (fee_fen >= 0),
    at timestamptz NOT NULL,
    entry_id uuid CONSTRAINT bill_line_matched_once UNIQUE REFERENCES ledger_entry (id) ON DELETE RESTRICT,
    CONSTRAINT bill_line_no_once UNIQUE (day, no)
);
CREATE TABLE bill_break (
    id uuid PRIMARY KEY,
    day date NOT NULL REFERENCES bill_day (day) ON DELETE RESTRICT,
    kind text NOT NULL CONSTRAINT bill_break_kind CHECK (kind IN (
        'missing_local', 'missing_remote', 'amount', 'duplicate', 'fee', 'unreadable', 'no_bill')),
    about text NOT NULL,
    line_id uuid REFERENCES bill_line (id) ON DELETE RESTRICT,
    entry_id uuid REFERENCES ledger_entry (id) ON DELETE RESTRICT,
    bill_fen bigint,
    ledger_fen bigint,
    found_at timestamptz NOT NULL,
    resolved_at timestamptz,
    resolved_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    resolution text NOT NULL DEFAULT '',
    CONSTRAINT bill_break_once UNIQUE (day, kind, about),
    -- A later comparison may find that the difference is gone: then nobody resolved it.
    CONSTRAINT bill_break_resolved CHECK ((resolved_at IS NULL) = (resolution = '') AND (resolved_by IS NULL OR resolved_at IS NOT NULL))
);
CREATE INDEX bill_break_open ON bill_break (day) WHERE resolved_at IS NULL;

CREATE FUNCTION bill_day_closes_clean() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'closed' THEN
        RAISE EXCEPTION 'the bill of % is closed', OLD.day USING ERRCODE = 'check_violation', CONSTRAINT = 'bill_day_stays_closed';
    END IF;
    IF NEW.state = 'closed' AND (OLD.state <> 'compared' OR EXISTS (
        SELECT 1 FROM bill_break b WHERE b.day = NEW.day AND b.resolved_at IS NULL))
    THEN
        RAISE EXCEPTION 'the bill of % has open differences', NEW.day USING ERRCODE = 'check_violation', CONSTRAINT = 'bill_day_closes_clean';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER bill_day_closes_clean BEFORE UPDATE ON bill_day FOR EACH ROW EXECUTE FUNCTION bill_day_closes_clean();

-- The other way to pay: a bank transfer outside of Alipay, stated by one side and confirmed by the other.
CREATE TABLE bank_transfer (
    id uuid PRIMARY KEY,
    payable_id uuid NOT NULL REFERENCES payable (id) ON DELETE RESTRICT,
    amount_fen bigint NOT NULL CONSTRAINT bank_transfer_amount CHECK (amount_fen > 0),
    paid_on date NOT NULL,
    bank_reference text NOT NULL CONSTRAINT bank_transfer_reference CHECK (bank_reference <> ''),
    proof_file_id uuid REFERENCES stored_file (id) ON DELETE RESTRICT,
    stated_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    stated_at timestamptz NOT NULL,
    answer text CONSTRAINT bank_transfer_answer CHECK (answer IN ('confirmed', 'denied')),
    answer_reason text NOT NULL DEFAULT '',
    answered_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    answered_at timestamptz,
    CONSTRAINT bank_transfer_answered CHECK ((answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by IS NULL)),
    CONSTRAINT bank_transfer_denied_with_reason CHECK (coalesce(answer, '') <> 'denied' OR answer_reason <> '')
);
CREATE UNIQUE INDEX bank_transfer_live_once ON bank_transfer (payable_id) WHERE answer IS NULL OR answer = 'confirmed';
