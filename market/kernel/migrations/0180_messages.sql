-- Messages leave the market: by e-mail and text message to people, by signed calls to programs of organisations.

-- What a message is about is the first word of its cause; when something ends is kept as a time, not within words.
ALTER TABLE inbox_message
    ADD COLUMN event text GENERATED ALWAYS AS (split_part(cause, ':', 1)) STORED,
    ADD COLUMN due_at timestamptz,
    -- Set when it was decided who else hears of it, and by which ways; what is older is not sent after people.
    ADD COLUMN carried_at timestamptz;
UPDATE inbox_message SET carried_at = at;
CREATE INDEX inbox_message_uncarried ON inbox_message (id) WHERE carried_at IS NULL;
DROP INDEX inbox_message_unread;
CREATE INDEX inbox_message_unread ON inbox_message (organisation_id) WHERE read_at IS NULL;
CREATE INDEX inbox_message_newest ON inbox_message (organisation_id, at DESC, id DESC);

-- Where a person wants to be reached. Nothing is sent to an address before its code came back.
CREATE TABLE message_address (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    channel text NOT NULL CONSTRAINT message_address_channel CHECK (channel IN ('email', 'sms')),
    address text NOT NULL CONSTRAINT message_address_filled CHECK (address <> ''),
    -- Real time: codes are a matter of security.
    asked_at timestamptz NOT NULL,
    tries integer NOT NULL CONSTRAINT message_address_tries CHECK (tries BETWEEN 0 AND 5),
    verified_at timestamptz,
    CONSTRAINT message_address_once UNIQUE (person_id, channel)
);

-- How a person wants to be told. Who has no row is told as the market proposes.
CREATE TABLE message_preference (
    person_id uuid PRIMARY KEY REFERENCES person (id) ON DELETE RESTRICT,
    locale text NOT NULL CONSTRAINT message_preference_locale CHECK (locale IN ('zh_CN', 'en')),
    -- Full hours in Beijing; equal ones: no quiet hours.
    quiet_from integer NOT NULL CONSTRAINT message_preference_quiet_from CHECK (quiet_from BETWEEN 0 AND 23),
    quiet_until integer NOT NULL CONSTRAINT message_preference_quiet_until CHECK (quiet_until BETWEEN 0 AND 23),
    urgent_breaks_through boolean NOT NULL,
    -- Null: each message at once.
    digest_hour integer CONSTRAINT message_preference_digest_hour CHECK (digest_hour BETWEEN 0 AND 23),
    changed_at timestamptz NOT NULL
);

-- What differs from the market's proposal, event by event.
CREATE TABLE message_choice (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    event text NOT NULL CONSTRAINT message_choice_event CHECK (event <> ''),
    channel text NOT NULL CONSTRAINT message_choice_channel CHECK (channel IN ('email', 'sms')),
    wanted boolean NOT NULL,
    CONSTRAINT message_choice_once UNIQUE (person_id, event, channel)
);

-- What goes out to one person in one piece: a message, a day's digest, or a code.
CREATE TABLE message_parcel (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    channel text NOT NULL CONSTRAINT message_parcel_channel CHECK (channel IN ('email', 'sms')),
    kind text NOT NULL CONSTRAINT message_parcel_kind CHECK (kind IN ('single', 'digest', 'code')),
    address text NOT NULL,
    locale text NOT NULL CONSTRAINT message_parcel_locale CHECK (locale IN ('zh_CN', 'en')),
    made_at timestamptz NOT NULL,
    -- The hour a digest is for: a day has one.
    digest_at timestamptz,
    state text NOT NULL CONSTRAINT message_parcel_state CHECK (state IN ('waiting', 'sent', 'given_up')),
    due_at timestamptz NOT NULL,
    tries integer NOT NULL CONSTRAINT message_parcel_tries CHECK (tries >= 0),
    -- Real time: a worker that died keeps a parcel no longer than this.
    claimed_until timestamptz,
    problem text NOT NULL DEFAULT '',
    ended_at timestamptz,
    CONSTRAINT message_parcel_ended CHECK ((ended_at IS NULL) = (state = 'waiting')),
    CONSTRAINT message_parcel_digest CHECK ((digest_at IS NOT NULL) = (kind = 'digest')),
    CONSTRAINT message_parcel_digest_once UNIQUE (person_id, channel, digest_at)
);
CREATE INDEX message_parcel_waiting ON message_parcel (due_at) WHERE state = 'waiting';
CREATE INDEX message_parcel_of_person ON message_parcel (person_id, made_at DESC);
CREATE INDEX message_parcel_sms ON message_parcel (address, ended_at) WHERE channel = 'sms' AND state = 'sent';

CREATE TABLE message_item (
    id uuid PRIMARY KEY,
    parcel_id uuid NOT NULL REFERENCES message_parcel (id) ON DELETE RESTRICT,
    message_id uuid NOT NULL REFERENCES inbox_message (id) ON DELETE RESTRICT,
    person_id uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    channel text NOT NULL CONSTRAINT message_item_channel CHECK (channel IN ('email', 'sms')),
    -- A person is told of a message once by each way, however often its round is made.
    CONSTRAINT message_item_once UNIQUE (message_id, person_id, channel)
);
CREATE INDEX message_item_of_parcel ON message_item (parcel_id);

-- When an organisation's deadlines were last looked at for reminders.
CREATE TABLE message_round (
    organisation_id uuid PRIMARY KEY REFERENCES organisation (id) ON DELETE RESTRICT,
    looked_at timestamptz NOT NULL
);
CREATE INDEX message_round_next ON message_round (looked_at);
