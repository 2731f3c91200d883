-- What became of each proposal when the bids opened, and a second draw of a panel.

ALTER TABLE opened_proposal
    ALTER COLUMN file_id DROP NOT NULL,
    -- Why nobody can read it: no file was handed in, another one than the bid names, or the bid's key does not open it.
    ADD COLUMN fault text CONSTRAINT opened_proposal_fault CHECK (fault IN ('missing', 'other_file', 'unreadable')),
    ADD CONSTRAINT opened_proposal_file CHECK (file_id IS NOT NULL OR fault = 'missing');
