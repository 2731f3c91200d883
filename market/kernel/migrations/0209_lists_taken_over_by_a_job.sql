-- A long list is taken over by a job: who confirmed it, for which organisation, what that person was shown, and how far it
-- is. Where the job finds something else than was shown nothing is taken over, and the reason stays.
ALTER TABLE imported_list_upload
    ADD COLUMN taking_asked_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    ADD COLUMN taking_asked_for uuid REFERENCES organisation (id) ON DELETE RESTRICT,
    ADD COLUMN taking_asked_at timestamptz,
    ADD COLUMN taking_seen jsonb,
    ADD COLUMN compared_at timestamptz,
    ADD COLUMN taking_refused jsonb,
    ADD CONSTRAINT imported_list_upload_taking CHECK (
        num_nonnulls(taking_asked_by, taking_asked_for, taking_asked_at, taking_seen) IN (0, 4)
        AND (compared_at IS NULL OR taking_asked_at IS NOT NULL)
        AND (taking_asked_at IS NULL OR read_at IS NOT NULL AND unreadable IS NULL AND bad = 0)),
    ADD CONSTRAINT imported_list_upload_taking_four_eyes CHECK (taking_asked_by <> uploaded_by);
