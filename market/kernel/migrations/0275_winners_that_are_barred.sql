-- A further round may follow because the agency that was selected could not be awarded the work when its notice ended.
ALTER TABLE selection_round
    DROP CONSTRAINT selection_round_cause,
    ADD CONSTRAINT selection_round_cause CHECK (cause IN (
        'published', 'window_restarted', 'objection_upheld', 'complaint_upheld', 'winner_refused', 'signing_lapsed',
        'winner_barred'));
