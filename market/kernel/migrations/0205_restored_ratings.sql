-- A decision that falls takes with it what it struck: the rating counts again, and so do the events that it moved.

-- The number of the case, complaint or tip whose outcome struck the rating.
ALTER TABLE rating ADD COLUMN struck_decision text NOT NULL DEFAULT '';
UPDATE rating r SET struck_decision = e.data ->> 'decision' FROM register_entry e WHERE e.id = r.struck_entry_id;
ALTER TABLE rating ADD CONSTRAINT rating_struck_by_decision CHECK ((struck_at IS NULL) = (struck_decision = ''));
CREATE INDEX rating_struck_by ON rating (struck_decision) WHERE struck_decision <> '';

-- Strikes that were undone; the one that stands is in the row of the rating.
CREATE TABLE rating_restored (
    id uuid PRIMARY KEY,
    rating_id uuid NOT NULL REFERENCES rating (id) ON DELETE RESTRICT,
    decision text NOT NULL CONSTRAINT rating_restored_decision CHECK (decision <> ''),
    struck_at timestamptz NOT NULL,
    struck_entry_id uuid NOT NULL CONSTRAINT rating_restored_once UNIQUE REFERENCES register_entry (id) ON DELETE RESTRICT,
    restored_at timestamptz NOT NULL,
    entry_id uuid NOT NULL REFERENCES register_entry (id) ON DELETE RESTRICT,
    CONSTRAINT rating_restored_after CHECK (struck_at <= restored_at)
);
CREATE INDEX rating_restored_of ON rating_restored (rating_id, restored_at);
CREATE TRIGGER rating_restored_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON rating_restored
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A correction can be corrected in its turn: an event is taken back while the number of them, one upon the other, is odd.
CREATE FUNCTION credit_event_taken_back(event uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    WITH RECURSIVE chain AS (
        SELECT c.id FROM credit_event c WHERE c.cancels = event
        UNION ALL SELECT c.id FROM chain x JOIN credit_event c ON c.cancels = x.id)
    SELECT count(*) % 2 = 1 FROM chain
$$;
