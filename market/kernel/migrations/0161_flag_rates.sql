-- That a screen fires on too many projects, as operator and regulators were told, once in the rulebook's time.
CREATE TABLE flag_rate_report (
    id uuid PRIMARY KEY,
    screen text NOT NULL CONSTRAINT flag_rate_report_screen CHECK (screen <> ''),
    version integer NOT NULL CONSTRAINT flag_rate_report_version CHECK (version >= 1),
    -- Flags of the period against its projects, and the share in basis points above which it is told.
    fired integer NOT NULL CONSTRAINT flag_rate_report_fired CHECK (fired > 0),
    cases integer NOT NULL CONSTRAINT flag_rate_report_cases CHECK (cases > 0),
    most integer NOT NULL CONSTRAINT flag_rate_report_most CHECK (most BETWEEN 0 AND 10000),
    -- The first day of the time in which it is told once.
    since_on date NOT NULL,
    told_at timestamptz NOT NULL,
    CONSTRAINT flag_rate_report_once UNIQUE (screen, since_on)
);
