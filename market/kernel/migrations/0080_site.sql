-- Indexes that the front page, the statistics and the search over everything read.

-- All that the headline figures count: they are answered from this index alone.
CREATE INDEX project_figures ON project (published_at) INCLUDE (
    id, budget_fen, price_fen, result_final_at, signed_at, accepted_at, failed_at, withdrawn_at);
CREATE INDEX project_by_region ON project (region_code text_pattern_ops);
CREATE INDEX organisation_name_search ON organisation USING gin (cjk_terms(name));
CREATE INDEX delivery_late ON delivery (contract_id) WHERE late_days > 0;
