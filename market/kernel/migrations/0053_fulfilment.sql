-- Delivery and acceptance.
CREATE TABLE delivery (
    id uuid PRIMARY KEY,
    contract_id uuid NOT NULL REFERENCES contract (id) ON DELETE RESTRICT,
    no integer NOT NULL CONSTRAINT delivery_no CHECK (no >= 1),
    statement text NOT NULL,
    practitioner_id uuid REFERENCES agency_practitioner (id) ON DELETE RESTRICT,
    delivered_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    delivered_at timestamptz NOT NULL,
    -- Working days behind the limit, 0 when in time.
    late_days integer NOT NULL CONSTRAINT delivery_late CHECK (late_days >= 0),
    -- The owner accepts or returns until here; silence accepts.
    answer_due_at timestamptz NOT NULL,
    reminded integer NOT NULL DEFAULT 0 CONSTRAINT delivery_reminded CHECK (reminded BETWEEN 0 AND 2),
    decision text CONSTRAINT delivery_decision CHECK (decision IN ('accepted', 'returned', 'accepted_by_silence')),
    reasons jsonb NOT NULL DEFAULT '[]',
    decided_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    decided_at timestamptz,
    CONSTRAINT delivery_no_once UNIQUE (contract_id, no),
    CONSTRAINT delivery_decided CHECK ((decision IS NULL) = (decided_at IS NULL))
);
CREATE UNIQUE INDEX delivery_open_once ON delivery (contract_id) WHERE decision IS NULL;

CREATE TABLE delivery_file (
    delivery_id uuid NOT NULL REFERENCES delivery (id) ON DELETE RESTRICT,
    file_id uuid NOT NULL REFERENCES stored_file (id) ON DELETE RESTRICT,
    PRIMARY KEY (delivery_id, file_id)
);
