-- Fairness of payment: until when each payable has to be paid, payments that are late, the yearly list of them, invoices.

-- What the signed contract says about the payment of one payable; where it says nothing, the rulebook.
CREATE TABLE payment_term (
    payable_id uuid PRIMARY KEY REFERENCES payable (id) ON DELETE RESTRICT,
    contract_id uuid NOT NULL REFERENCES contract (id) ON DELETE RESTRICT,
    -- Nothing for what the settlement of a contract owes that ended early.
    milestone integer CONSTRAINT payment_term_milestone CHECK (milestone > 0),
    -- Calendar days from the delivery.
    days integer NOT NULL CONSTRAINT payment_term_days CHECK (days BETWEEN 1 AND 366),
    -- Basis points of what is unpaid.
    interest_per_day integer NOT NULL CONSTRAINT payment_term_interest CHECK (interest_per_day BETWEEN 0 AND 100),
    basis text NOT NULL CONSTRAINT payment_term_basis CHECK (basis IN ('contract', 'rulebook')),
    -- The rulebook key that the days rest on.
    rule text NOT NULL CONSTRAINT payment_term_rule CHECK (rule <> ''),
    -- The delivery from which the days run; nothing before it, and after it was returned.
    runs_from timestamptz,
    -- The next moment at which something follows from time alone: a reminder, or a day late that is recorded.
    watch_at timestamptz
);
CREATE INDEX payment_term_watch ON payment_term (watch_at) WHERE watch_at IS NOT NULL;
CREATE INDEX payment_term_of_contract ON payment_term (contract_id);

INSERT INTO payment_term (payable_id, contract_id, milestone, days, interest_per_day, basis, rule, watch_at)
SELECT p.id, c.id, CASE WHEN p.reference = c.number || '-S' THEN NULL ELSE split_part(p.reference, '-M', 2)::integer END,
       coalesce((c.terms -> 'payment' ->> 'days')::integer, CASE o.kind WHEN 'public_body' THEN 30 ELSE 60 END),
       coalesce((c.terms -> 'payment' ->> 'interest_per_day')::integer, 5),
       CASE WHEN c.terms -> 'payment' ->> 'days' IS NULL THEN 'rulebook' ELSE 'contract' END,
       CASE o.kind WHEN 'public_body' THEN 'payment.public_buyer_days' ELSE 'payment.large_buyer_days' END, p.created_at
FROM payable p JOIN contract c ON p.reference = c.number || '-S' OR p.reference LIKE c.number || '-M%'
JOIN organisation o ON o.id = p.payer_id;

-- A payable that was not paid in time.
CREATE TABLE overdue_payment (
    payable_id uuid PRIMARY KEY REFERENCES payable (id) ON DELETE RESTRICT,
    due_at timestamptz NOT NULL,
    found_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended text CONSTRAINT overdue_payment_ended CHECK (ended IN ('paid', 'cancelled')),
    -- The last day that counted as late, how many they were, and what they came to.
    ended_on date,
    late_days integer CONSTRAINT overdue_payment_days CHECK (late_days >= 0),
    interest_fen bigint CONSTRAINT overdue_payment_interest CHECK (interest_fen >= 0),
    CONSTRAINT overdue_payment_is_late CHECK (found_at >= due_at),
    CONSTRAINT overdue_payment_ended_whole CHECK (
        (ended_at IS NULL) = (ended IS NULL) AND (ended_at IS NULL) = (ended_on IS NULL)
        AND (ended_at IS NULL) = (late_days IS NULL) AND (ended_at IS NULL) = (interest_fen IS NULL))
);
CREATE INDEX overdue_payment_open ON overdue_payment (due_at) WHERE ended_at IS NULL;

-- So many days late, as the register recorded it.
CREATE TABLE overdue_step (
    id uuid PRIMARY KEY,
    payable_id uuid NOT NULL REFERENCES payable (id) ON DELETE RESTRICT,
    days integer NOT NULL CONSTRAINT overdue_step_days CHECK (days > 0),
    recorded_at timestamptz NOT NULL,
    unpaid_fen bigint NOT NULL CONSTRAINT overdue_step_unpaid CHECK (unpaid_fen > 0),
    interest_fen bigint NOT NULL CONSTRAINT overdue_step_interest CHECK (interest_fen >= 0),
    CONSTRAINT overdue_step_once UNIQUE (payable_id, days)
);
CREATE TRIGGER overdue_step_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON overdue_step
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What was due and unpaid when a year ended, as it was published. It never changes; what was paid since is said beside it.
CREATE TABLE overdue_list (
    year integer PRIMARY KEY CONSTRAINT overdue_list_year CHECK (year BETWEEN 2020 AND 2200),
    published_at timestamptz NOT NULL,
    rows jsonb NOT NULL CONSTRAINT overdue_list_rows CHECK (jsonb_typeof(rows) = 'array'),
    sha256 text NOT NULL CONSTRAINT overdue_list_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$')
);
CREATE TRIGGER overdue_list_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON overdue_list
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- An invoice that an agency handed in for a payable, and what the owner said to it.
CREATE TABLE invoice (
    id uuid PRIMARY KEY,
    payable_id uuid NOT NULL REFERENCES payable (id) ON DELETE RESTRICT,
    -- The first, second, … of this payable.
    no integer NOT NULL CONSTRAINT invoice_no CHECK (no > 0),
    kind text NOT NULL CONSTRAINT invoice_kind CHECK (kind IN ('ordinary', 'special')),
    -- Fully digital invoices have a number of 20 digits and no code.
    code text NOT NULL CONSTRAINT invoice_code CHECK (code ~ '^([0-9]{10}|[0-9]{12})?$'),
    number text NOT NULL CONSTRAINT invoice_number CHECK (number ~ '^([0-9]{8}|[0-9]{20})$'),
    issued_on date NOT NULL,
    buyer_name text NOT NULL CONSTRAINT invoice_buyer_name CHECK (buyer_name <> ''),
    buyer_code text NOT NULL,
    -- Taxes included; without them; the tax; its rate in basis points.
    amount_fen bigint NOT NULL CONSTRAINT invoice_amount CHECK (amount_fen > 0),
    net_fen bigint NOT NULL CONSTRAINT invoice_net CHECK (net_fen > 0),
    tax_fen bigint NOT NULL CONSTRAINT invoice_tax CHECK (tax_fen >= 0),
    tax_rate integer NOT NULL CONSTRAINT invoice_tax_rate CHECK (tax_rate BETWEEN 0 AND 10000),
    file_id uuid NOT NULL REFERENCES stored_file (id) ON DELETE RESTRICT,
    handed_in_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    handed_in_at timestamptz NOT NULL,
    answer text CONSTRAINT invoice_answer CHECK (answer IN ('confirmed', 'returned')),
    answer_reason text NOT NULL DEFAULT '',
    answered_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    answered_at timestamptz,
    CONSTRAINT invoice_no_once UNIQUE (payable_id, no),
    CONSTRAINT invoice_answered_whole CHECK ((answer IS NULL) = (answered_by IS NULL) AND (answer IS NULL) = (answered_at IS NULL)),
    CONSTRAINT invoice_returned_with_reason CHECK ((answer IS NOT DISTINCT FROM 'returned') = (answer_reason <> ''))
);
-- One that stands for each payable; no invoice twice in the whole market, unless it was returned.
CREATE UNIQUE INDEX invoice_standing_once ON invoice (payable_id) WHERE answer IS DISTINCT FROM 'returned';
CREATE UNIQUE INDEX invoice_used_once ON invoice (code, number) WHERE answer IS DISTINCT FROM 'returned';
