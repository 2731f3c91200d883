-- Texts are compared in simplified characters: every document is written anew (`migrate` does it) with its Traditional
-- characters folded.
DELETE FROM search_document;
