-- What the statistics read, narrow enough to be scanned whole: the tables themselves carry texts of the notice and terms of
-- the contract, many times the size.

-- In place of the narrower one of the front page, which reads it too.
DROP INDEX project_figures;
CREATE INDEX project_figures ON project (published_at) INCLUDE (
    id, number, region_code, service_classes, method, owner_id, winner_id, frozen_at, drawn_at, result_final_at, signed_at, accepted_at,
    failed_at, withdrawn_at, budget_fen, price_fen, amount_fen, stage);
CREATE INDEX contract_figures ON contract (project_id) INCLUDE (id, created_at, in_force_at, sign_due_at);
