-- What an approval authority said about a delivered report: passed, or returned with reasons; as often as it was asked.
-- A row is never changed: a mistake is put right by a further row that corrects it.
CREATE TABLE report_verdict (
    id uuid PRIMARY KEY,
    contract_id uuid NOT NULL REFERENCES contract (id) ON DELETE RESTRICT,
    -- The accepted delivery that was handed to the authority.
    delivery_id uuid NOT NULL REFERENCES delivery (id) ON DELETE RESTRICT,
    no integer NOT NULL CONSTRAINT report_verdict_no CHECK (no >= 1),
    -- void: the verdict that this one corrects was never given
    outcome text NOT NULL CONSTRAINT report_verdict_outcome CHECK (outcome IN ('passed', 'returned', 'void')),
    authority text NOT NULL CONSTRAINT report_verdict_authority CHECK (authority <> ''),
    document_number text NOT NULL CONSTRAINT report_verdict_document CHECK (document_number <> ''),
    decided_on date NOT NULL,
    reasons jsonb NOT NULL DEFAULT '[]',
    file_id uuid REFERENCES stored_file (id) ON DELETE RESTRICT,
    corrects_id uuid REFERENCES report_verdict (id) ON DELETE RESTRICT,
    correction_reason text NOT NULL DEFAULT '',
    recorded_for uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    recorded_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT report_verdict_no_once UNIQUE (contract_id, no),
    CONSTRAINT report_verdict_corrected_once UNIQUE (corrects_id),
    CONSTRAINT report_verdict_returned_with_reasons CHECK ((outcome = 'returned') = (jsonb_array_length(reasons) > 0)),
    CONSTRAINT report_verdict_correction CHECK ((corrects_id IS NULL) = (correction_reason = '')),
    CONSTRAINT report_verdict_void_corrects CHECK (outcome <> 'void' OR corrects_id IS NOT NULL)
);
