-- A page of results counts the other kinds as well. With one index over all terms each of those small counts read the
-- terms of every project; so projects, which are nearly everything, have an index of their own.
CREATE INDEX search_document_terms_of_projects ON search_document USING gin (terms) WHERE kind = 'projects';
CREATE INDEX search_document_terms_of_others ON search_document USING gin (terms) WHERE kind <> 'projects';
DROP INDEX search_document_terms;
