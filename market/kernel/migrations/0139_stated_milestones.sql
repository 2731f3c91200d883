-- The parts in which a service is delivered and paid, where the notice states them.
CREATE TABLE project_milestone (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
    no integer NOT NULL CONSTRAINT project_milestone_no CHECK (no >= 1),
    title text NOT NULL CONSTRAINT project_milestone_title CHECK (title <> ''),
    share integer NOT NULL CONSTRAINT project_milestone_share CHECK (share BETWEEN 1 AND 10000),
    days integer NOT NULL CONSTRAINT project_milestone_days CHECK (days >= 1),
    CONSTRAINT project_milestone_once UNIQUE (project_id, no)
);
