-- Documents on a search server are written in pieces and its questions are asked in them (docs/adr/0082): what was built of
-- whole texts answers none of those. PostgreSQL answers until `search rebuild` has been run.
UPDATE search_index SET built_at = NULL;
