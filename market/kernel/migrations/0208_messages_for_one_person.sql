-- A message in an organisation's inbox may be meant for one of its people: nobody else hears of it by other ways.
ALTER TABLE inbox_message ADD COLUMN for_person_id uuid REFERENCES person (id) ON DELETE RESTRICT;
