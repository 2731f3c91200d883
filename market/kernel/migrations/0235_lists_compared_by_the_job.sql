-- The job that reads a list also finds out what it would change, so that no page waits for that.
ALTER TABLE imported_list_upload
    ADD COLUMN foreseen jsonb,
    -- The first of the changes, those of this market before the others.
    ADD COLUMN foreseen_changes jsonb,
    ADD COLUMN foreseen_at timestamptz,
    ADD CONSTRAINT imported_list_upload_foreseen CHECK (
        num_nonnulls(foreseen, foreseen_changes, foreseen_at) IN (0, 3)
        AND (foreseen_at IS NULL OR read_at IS NOT NULL AND unreadable IS NULL));

-- What was confirmed and is being taken over cannot be discarded.
UPDATE imported_list_upload SET taking_asked_by = NULL, taking_asked_for = NULL, taking_asked_at = NULL, taking_seen = NULL,
    compared_at = NULL WHERE discarded_at IS NOT NULL;
ALTER TABLE imported_list_upload
    ADD CONSTRAINT imported_list_upload_taken_or_discarded CHECK (taking_asked_at IS NULL OR discarded_at IS NULL);

-- Lines of one reading of the file: another that runs beside it, after a worker was believed dead, takes nothing from it.
DELETE FROM imported_list_staged;
ALTER TABLE imported_list_staged ADD COLUMN reading uuid NOT NULL;

-- Lists that wait for confirmation are compared with the next start of a worker.
SELECT procrastinate_defer_jobs_v1(ARRAY[ROW('market', 'ratings.imported.read', 0, 'ratings.imported.read', NULL,
    jsonb_build_object('upload', id), NULL)::procrastinate_job_to_defer_v1])
FROM imported_list_upload WHERE read_at IS NOT NULL AND unreadable IS NULL AND confirmed_at IS NULL AND discarded_at IS NULL;
