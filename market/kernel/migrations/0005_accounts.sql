-- Organisations, people, who acts for whom, sessions.

CREATE TABLE organisation (
    id uuid PRIMARY KEY,
    kind text NOT NULL CONSTRAINT organisation_kind CHECK (
        kind IN ('enterprise', 'public_body', 'natural_person', 'agency', 'regulator', 'operator', 'expert')),
    -- Unified social credit code; for natural persons a code of ours ("P" + digits), never their ID number.
    code text NOT NULL CONSTRAINT organisation_code_once UNIQUE,
    name text NOT NULL CONSTRAINT organisation_name CHECK (name <> ''),
    legal_representative text NOT NULL,
    region_code text NOT NULL,
    address text NOT NULL,
    phone text NOT NULL,
    complaint_phone text NOT NULL,
    -- The organisation that controls this one, if any: affiliated parties may not work for each other.
    parent_code text,
    created_at timestamptz NOT NULL,
    closed_at timestamptz
);
CREATE INDEX organisation_by_parent ON organisation (parent_code) WHERE parent_code IS NOT NULL;
CREATE INDEX organisation_by_legal_representative ON organisation (legal_representative);

CREATE TABLE person (
    id uuid PRIMARY KEY,
    login text NOT NULL CONSTRAINT person_login CHECK (login = lower(login) AND login <> ''),
    name text NOT NULL CONSTRAINT person_name CHECK (name <> ''),
    phone text NOT NULL,
    email text NOT NULL,
    password_hash text NOT NULL,
    -- Encrypted with the site's key; null until the person sets up a second factor.
    totp_secret text,
    totp_confirmed_at timestamptz,
    -- The last accepted time step: a code is good once.
    totp_last_step bigint NOT NULL DEFAULT 0,
    -- Identity of a natural person: encrypted ID number, and a keyed digest to find doubles.
    id_number_sealed text,
    id_number_digest text CONSTRAINT person_id_number_once UNIQUE,
    created_at timestamptz NOT NULL,
    disabled_at timestamptz,
    CONSTRAINT person_login_once UNIQUE (login)
);

CREATE TABLE membership (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    admin boolean NOT NULL,
    handler boolean NOT NULL,
    signatory boolean NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz,
    CONSTRAINT membership_has_a_role CHECK (admin OR handler OR signatory)
);
CREATE UNIQUE INDEX membership_current_once ON membership (person_id, organisation_id) WHERE until IS NULL;
CREATE INDEX membership_of_organisation ON membership (organisation_id) WHERE until IS NULL;

-- What a regulator watches over; a regulator without a row watches nothing.
CREATE TABLE regulator_scope (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    region_prefix text NOT NULL CONSTRAINT regulator_scope_region CHECK (region_prefix ~ '^[0-9]{0,6}$'),
    department text NOT NULL,
    CONSTRAINT regulator_scope_once UNIQUE (organisation_id, region_prefix, department)
);

-- Real time throughout: a session's life is a matter of security, not of the market's clock.
CREATE TABLE session (
    id uuid PRIMARY KEY,
    token_digest text NOT NULL CONSTRAINT session_token_once UNIQUE,
    person_id uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    second_factor_passed boolean NOT NULL,
    user_agent text NOT NULL,
    address text NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX session_of_person ON session (person_id) WHERE revoked_at IS NULL;

CREATE TABLE sign_in_attempt (
    id uuid PRIMARY KEY,
    login text NOT NULL,
    address text NOT NULL,
    succeeded boolean NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX sign_in_attempt_recent ON sign_in_attempt (login, at);
CREATE INDEX sign_in_attempt_of_address ON sign_in_attempt (address, at);

-- Messages to people inside the site.
CREATE TABLE inbox_message (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    text text NOT NULL,
    facts jsonb NOT NULL,
    link text NOT NULL CONSTRAINT inbox_message_link CHECK (link LIKE '/%'),
    -- The same event tells an organisation once, however often its job runs.
    cause text NOT NULL,
    at timestamptz NOT NULL,
    read_at timestamptz,
    CONSTRAINT inbox_message_once UNIQUE (organisation_id, cause)
);
CREATE INDEX inbox_message_unread ON inbox_message (organisation_id, at DESC);
