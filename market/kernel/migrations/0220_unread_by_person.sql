-- Whether a message was read is a matter of each person: what one colleague opened is still unread to the others.

CREATE TABLE inbox_unread (
    person_id uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    message_id uuid NOT NULL REFERENCES inbox_message (id) ON DELETE RESTRICT,
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    PRIMARY KEY (person_id, message_id)
);
CREATE INDEX inbox_unread_of_person ON inbox_unread (person_id, organisation_id);
CREATE INDEX inbox_unread_of_message ON inbox_unread (message_id);

-- What was read stays read, to everybody.
INSERT INTO inbox_unread (person_id, message_id, organisation_id)
SELECT m.person_id, i.id, i.organisation_id FROM inbox_message i
JOIN membership m ON m.organisation_id = i.organisation_id AND m.until IS NULL
WHERE i.read_at IS NULL;

DROP INDEX inbox_message_unread;
ALTER TABLE inbox_message DROP COLUMN read_at;
