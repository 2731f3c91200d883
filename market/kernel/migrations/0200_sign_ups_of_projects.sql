-- Entries of a project, withdrawn ones among them: the index of the standing ones does not find those, so that everything
-- that looks at a project's withdrawals read all sign-ups of the market.
CREATE INDEX sign_up_of_project ON sign_up (project_id);
