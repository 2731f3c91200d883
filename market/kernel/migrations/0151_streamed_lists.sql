-- Lists of other authorities with a million lines: the file is kept, read piece by piece in the background, and merged here.
ALTER TABLE imported_list_upload
    ADD COLUMN file_id uuid REFERENCES stored_file (id) ON DELETE RESTRICT,
    -- A program sent it, with the token of whoever uploaded it.
    ADD COLUMN by_program boolean NOT NULL DEFAULT false,
    -- How far its reading has come, and when it was done.
    ADD COLUMN bytes_read bigint NOT NULL DEFAULT 0,
    ADD COLUMN read_at timestamptz,
    -- Why the file as a whole is of no use: [message id, {facts}]
    ADD COLUMN unreadable jsonb;
UPDATE imported_list_upload SET read_at = uploaded_at;
ALTER TABLE imported_list_upload
    ADD CONSTRAINT imported_list_upload_read_first CHECK (
        confirmed_at IS NULL OR read_at IS NOT NULL AND unreadable IS NULL),
    ADD CONSTRAINT imported_list_upload_bytes_read CHECK (bytes_read >= 0);

-- Usable lines of a file that is being read, before they are merged by code. Lost with a crash of the database, and then
-- read again.
CREATE UNLOGGED TABLE imported_list_staged (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    upload_id uuid NOT NULL REFERENCES imported_list_upload (id) ON DELETE RESTRICT,
    line integer NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    entered_on date NOT NULL,
    until_on date
);
CREATE INDEX imported_list_staged_of ON imported_list_staged (upload_id);
