-- Projects: drafts are saved forms; a project exists from its publication on.

CREATE TABLE project_draft (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    -- What was typed so far: field name -> text or list of texts.
    values jsonb NOT NULL,
    -- Set when the draft copies a failed or annulled project.
    repost_of uuid,
    updated_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    updated_at timestamptz NOT NULL,
    published_at timestamptz
);
CREATE INDEX project_draft_of_owner ON project_draft (owner_id, updated_at DESC) WHERE published_at IS NULL;

CREATE SEQUENCE project_number;

CREATE TABLE project (
    id uuid PRIMARY KEY,
    number text NOT NULL CONSTRAINT project_number_once UNIQUE,
    owner_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    -- A draft is published once.
    draft_id uuid NOT NULL CONSTRAINT project_of_draft_once UNIQUE REFERENCES project_draft (id) ON DELETE RESTRICT,
    -- Equals projects.rules.stage_of(facts); tests hold the two together.
    stage text NOT NULL CONSTRAINT project_stage CHECK (stage IN (
        'sign_up', 'drawing', 'result_notice', 'contracting', 'fulfilment', 'accepted', 'closed', 'failed', 'withdrawn',
        'terminated')),
    method text NOT NULL CONSTRAINT project_method CHECK (method IN ('draw')),
    title text NOT NULL CONSTRAINT project_title CHECK (title <> ''),
    service_items text[] NOT NULL CONSTRAINT project_items CHECK (cardinality(service_items) > 0),
    -- The classes of the service items between bars ("|A|C|"): what the list filters by without reading whole rows.
    service_classes text NOT NULL CONSTRAINT project_service_classes CHECK (service_classes ~ '^(\|[A-Z0-9]+)+\|$'),
    -- Must one agency offer all of the service items, or any one of them?
    service_mode text NOT NULL CONSTRAINT project_service_mode CHECK (service_mode IN ('all', 'any')),
    bundle_code text,
    region_code text NOT NULL,
    scale text NOT NULL,
    content text NOT NULL,
    -- Time limit of the service in working days, and in words.
    service_days integer NOT NULL CONSTRAINT project_service_days CHECK (service_days BETWEEN 1 AND 1000),
    service_time_note text NOT NULL,
    -- The investment project and the approval that the service is needed for, where there is one.
    investment_code text,
    investment_name text NOT NULL,
    approval_matter text NOT NULL,
    approval_number text NOT NULL,
    -- Share of fiscal funds in basis points; state funds where it is above 0.
    fiscal_share integer NOT NULL CONSTRAINT project_fiscal_share CHECK (fiscal_share BETWEEN 0 AND 10000),
    -- The budget (ceiling); null: "暂不做金额评估与预算".
    budget_fen bigint CONSTRAINT project_budget CHECK (budget_fen > 0),
    -- The fixed price the winner works for.
    price_fen bigint NOT NULL CONSTRAINT project_price CHECK (price_fen > 0),
    price_note text NOT NULL,
    contact_name text NOT NULL,
    contact_phone text NOT NULL,
    complaint_phone text NOT NULL,
    -- Must the agency meet all requirements, or any one of them?
    requirement_mode text NOT NULL CONSTRAINT project_requirement_mode CHECK (requirement_mode IN ('all', 'any')),
    practitioners_needed integer NOT NULL CONSTRAINT project_practitioners CHECK (practitioners_needed BETWEEN 0 AND 50),
    practitioner_profession text NOT NULL,
    other_requirements text NOT NULL,
    remarks text NOT NULL,
    catalogue_version text NOT NULL,
    rulebook_version text NOT NULL,
    published_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    published_at timestamptz NOT NULL,
    sign_up_opens_at timestamptz NOT NULL,
    sign_up_closes_at timestamptz NOT NULL,
    -- The beacon this project is bound to since publication.
    beacon_chain text NOT NULL,
    repost_of uuid REFERENCES project (id) ON DELETE RESTRICT,
    -- Facts as they come; the stage follows from them.
    withdrawn_at timestamptz,
    withdrawal_reason text NOT NULL DEFAULT '',
    frozen_at timestamptz,
    failed_at timestamptz,
    failure_reason text NOT NULL DEFAULT '',
    winner_id uuid REFERENCES organisation (id) ON DELETE RESTRICT,
    drawn_at timestamptz,
    result_notice_ends_at timestamptz,
    result_final_at timestamptz,
    signed_at timestamptz,
    accepted_at timestamptz,
    terminated_at timestamptz,
    closed_at timestamptz,
    -- The next moment at which something happens by itself; swept with SKIP LOCKED.
    due_at timestamptz,
    search_text text GENERATED ALWAYS AS (lower(number || ' ' || title || ' ' || content)) STORED,
    search_terms tsvector GENERATED ALWAYS AS (cjk_terms(number || ' ' || title || ' ' || content)) STORED,
    CONSTRAINT project_window CHECK (sign_up_opens_at < sign_up_closes_at),
    CONSTRAINT project_price_within_budget CHECK (budget_fen IS NULL OR price_fen <= budget_fen)
);
CREATE INDEX project_of_owner ON project (owner_id, published_at DESC);
CREATE INDEX project_by_stage ON project (stage, sign_up_closes_at);
-- The list finds and counts its lines here alone, whatever the filters.
CREATE INDEX project_newest ON project (published_at DESC, id DESC)
    INCLUDE (stage, service_classes, price_fen, region_code, sign_up_closes_at);
CREATE INDEX project_by_item ON project USING gin (service_items);
CREATE INDEX project_search ON project USING gin (search_terms);
CREATE INDEX project_due ON project (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX project_drawn ON project (drawn_at DESC, id DESC) WHERE drawn_at IS NOT NULL;
CREATE INDEX project_reposts ON project (repost_of) WHERE repost_of IS NOT NULL;
CREATE INDEX project_of_winner ON project (winner_id) WHERE winner_id IS NOT NULL;

CREATE TABLE project_requirement (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
    qualification_type text NOT NULL,
    -- The lowest level that is enough; "" where the type has no levels.
    level text NOT NULL,
    -- "" where any speciality will do.
    speciality text NOT NULL,
    CONSTRAINT project_requirement_once UNIQUE (project_id, qualification_type, speciality)
);

CREATE TABLE project_avoided (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
    agency_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT,
    reason text NOT NULL CONSTRAINT project_avoided_reason CHECK (reason <> ''),
    CONSTRAINT project_avoided_once UNIQUE (project_id, agency_id)
);

CREATE TABLE project_file (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
    file_id uuid NOT NULL REFERENCES stored_file (id) ON DELETE RESTRICT,
    label text NOT NULL,
    CONSTRAINT project_file_once UNIQUE (project_id, file_id)
);

-- Dated amendment notices: what was, what is, and whether the window started again.
CREATE TABLE project_amendment (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
    no integer NOT NULL,
    -- {"field": [before, after]}
    changes jsonb NOT NULL,
    reason text NOT NULL CONSTRAINT project_amendment_reason CHECK (reason <> ''),
    restarts_window boolean NOT NULL,
    made_by uuid NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
    made_at timestamptz NOT NULL,
    CONSTRAINT project_amendment_no UNIQUE (project_id, no)
);

-- Owners who may not publish now; written by ratings through projects.actions only. No row: they may.
CREATE TABLE project_owner_pause (
    owner_id uuid PRIMARY KEY REFERENCES organisation (id) ON DELETE RESTRICT,
    -- Paused while now < paused_until.
    paused_until timestamptz,
    updated_at timestamptz NOT NULL
);
