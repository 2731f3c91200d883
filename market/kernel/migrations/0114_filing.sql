-- Contracts that have to be filed with an authority: those of public bodies, within the days of the rulebook.
CREATE TABLE contract_filing (
    contract_id uuid PRIMARY KEY REFERENCES contract (id) ON DELETE RESTRICT,
    due_at timestamptz NOT NULL,
    authority text NOT NULL DEFAULT '',
    reference text NOT NULL DEFAULT '',
    filed_on date,
    recorded_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    recorded_at timestamptz,
    CONSTRAINT contract_filing_recorded CHECK (
        (recorded_at IS NULL) = (recorded_by IS NULL) AND (recorded_at IS NULL) = (filed_on IS NULL)
        AND (recorded_at IS NULL) = (reference = '') AND (recorded_at IS NULL) = (authority = ''))
);
CREATE INDEX contract_filing_due ON contract_filing (due_at) WHERE recorded_at IS NULL;
