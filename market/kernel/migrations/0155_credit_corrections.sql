-- Corrections are few among many events: whoever adds all accounts up finds them without reading the rest.
CREATE INDEX credit_event_corrections ON credit_event (cancels) WHERE cancels IS NOT NULL;
