-- Delivery and acceptance.
CREATE TABLE delivery (
    id uuid PRIMARY KEY,
    contract_id uuid NOT NULL REFERENCES contract (id) ON DELETE RESTRICT,
    no integer NOT NULL CONSTRAINT delivery_no CHECK (no >= 1),
    statement text NOT NULL CONSTRAINT delivery_statement CHECK (statement <> ''),
    practitioner_id uuid REFERENCES agency_practitioner (id) ON DELETE RESTRICT,
    delivered_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    delivered_at timestamptz NOT NULL,
    -- The limit it is measured against: the contract's, or after a return that of the correction.
    due_at timestamptz NOT NULL,
    -- Working days behind the limit, 0 when in time.
    late_days integer NOT NULL CONSTRAINT delivery_late CHECK (late_days >= 0),
    -- The owner accepts or returns until here; silence accepts.
    answer_due_at timestamptz NOT NULL,
    -- Reminders sent so far, and when the next one is due (null: all are sent). Silence never accepts before the last.
    reminded integer NOT NULL DEFAULT 0 CONSTRAINT delivery_reminded CHECK (reminded >= 0),
    remind_at timestamptz,
    decision text CONSTRAINT delivery_decision CHECK (decision IN ('accepted', 'returned', 'accepted_by_silence')),
    -- Why it was returned, item by item.
    reasons jsonb NOT NULL DEFAULT '[]',
    -- After a return: the end of the time for correction.
    correction_due_at timestamptz,
    decided_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    decided_at timestamptz,
    CONSTRAINT delivery_no_once UNIQUE (contract_id, no),
    CONSTRAINT delivery_decided CHECK ((decision IS NULL) = (decided_at IS NULL)),
    CONSTRAINT delivery_decided_by_somebody CHECK (
        (coalesce(decision, '') IN ('accepted', 'returned')) = (decided_by IS NOT NULL)),
    CONSTRAINT delivery_returned_with_reasons CHECK (
        (coalesce(decision, '') = 'returned') = (correction_due_at IS NOT NULL AND jsonb_array_length(reasons) > 0))
);
CREATE UNIQUE INDEX delivery_open_once ON delivery (contract_id) WHERE decision IS NULL;
CREATE UNIQUE INDEX delivery_accepted_once ON delivery (contract_id) WHERE decision IN ('accepted', 'accepted_by_silence');
CREATE INDEX delivery_answer_due ON delivery (answer_due_at) WHERE decision IS NULL;
CREATE INDEX delivery_remind ON delivery (remind_at) WHERE decision IS NULL;

CREATE TABLE delivery_file (
    id uuid PRIMARY KEY,
    delivery_id uuid NOT NULL REFERENCES delivery (id) ON DELETE RESTRICT,
    file_id uuid NOT NULL REFERENCES stored_file (id) ON DELETE RESTRICT,
    CONSTRAINT delivery_file_once UNIQUE (delivery_id, file_id)
);
