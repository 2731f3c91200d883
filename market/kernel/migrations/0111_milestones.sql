-- Versions of a contract's terms, its milestones, and the rule that a contract says what the result said.
CREATE TABLE contract_version (
    id uuid PRIMARY KEY,
    contract_id uuid NOT NULL REFERENCES contract (id) ON DELETE RESTRICT,
    no integer NOT NULL CONSTRAINT contract_version_no CHECK (no >= 0),
    -- result: as the contract was opened; draft: proposed before anybody signed
    kind text NOT NULL CONSTRAINT contract_version_kind CHECK (kind IN ('result', 'draft')),
    terms jsonb NOT NULL,
    terms_sha256 text NOT NULL CONSTRAINT contract_version_sha256 CHECK (terms_sha256 ~ '^[0-9a-f]{64}$'),
    proposed_side text CONSTRAINT contract_version_side CHECK (proposed_side IN ('owner', 'agency')),
    proposed_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    proposed_at timestamptz NOT NULL,
    agreed_by uuid REFERENCES person (id) ON DELETE RESTRICT,
    agreed_at timestamptz,
    ended text CONSTRAINT contract_version_ended CHECK (ended IN ('declined', 'withdrawn', 'overtaken')),
    ended_at timestamptz,
    end_reason text NOT NULL DEFAULT '',
    CONSTRAINT contract_version_no_once UNIQUE (contract_id, no),
    CONSTRAINT contract_version_proposed CHECK (
        (kind = 'result') = (proposed_by IS NULL) AND (proposed_by IS NULL) = (proposed_side IS NULL)),
    CONSTRAINT contract_version_agreed CHECK ((agreed_by IS NULL) = (agreed_at IS NULL)),
    CONSTRAINT contract_version_ended_at CHECK ((ended IS NULL) = (ended_at IS NULL)),
    CONSTRAINT contract_version_one_answer CHECK (agreed_at IS NULL OR ended IS NULL)
);
CREATE UNIQUE INDEX contract_version_open_once ON contract_version (contract_id)
    WHERE kind <> 'result' AND agreed_at IS NULL AND ended IS NULL;
INSERT INTO contract_version (id, contract_id, no, kind, terms, terms_sha256, proposed_at)
    SELECT gen_random_uuid(), id, 0, 'result', terms, terms_sha256, created_at FROM contract;

CREATE TABLE contract_milestone (
    id uuid PRIMARY KEY,
    contract_id uuid NOT NULL REFERENCES contract (id) ON DELETE RESTRICT,
    no integer NOT NULL CONSTRAINT contract_milestone_no CHECK (no >= 1),
    title text NOT NULL CONSTRAINT contract_milestone_title CHECK (title <> ''),
    -- Part of the price in basis points, and what it comes to; the last takes what rounding leaves.
    share integer NOT NULL CONSTRAINT contract_milestone_share CHECK (share BETWEEN 1 AND 10000),
    price_fen bigint NOT NULL CONSTRAINT contract_milestone_price CHECK (price_fen > 0),
    -- Working days from the acceptance of the one before.
    days integer NOT NULL CONSTRAINT contract_milestone_days CHECK (days >= 1),
    -- The clock runs from here; one after the other.
    started_at timestamptz,
    due_at timestamptz,
    accepted_at timestamptz,
    CONSTRAINT contract_milestone_no_once UNIQUE (contract_id, no),
    CONSTRAINT contract_milestone_started CHECK ((started_at IS NULL) = (due_at IS NULL)),
    CONSTRAINT contract_milestone_accepted CHECK (accepted_at IS NULL OR started_at IS NOT NULL)
);
CREATE UNIQUE INDEX contract_milestone_running_once ON contract_milestone (contract_id)
    WHERE started_at IS NOT NULL AND accepted_at IS NULL;
-- Contracts from before milestones have one that stands for all.
INSERT INTO contract_milestone (id, contract_id, no, title, share, price_fen, days, started_at, due_at, accepted_at)
    SELECT gen_random_uuid(), c.id, 1, '全部服务成果', 10000, c.price_fen, (c.terms ->> 'service_days')::integer, c.in_force_at,
           c.delivery_due_at, (SELECT max(d.decided_at) FROM delivery d WHERE d.contract_id = c.id AND d.decision LIKE 'accepted%')
    FROM contract c WHERE c.in_force_at IS NOT NULL;

ALTER TABLE delivery ADD COLUMN milestone_id uuid REFERENCES contract_milestone (id) ON DELETE RESTRICT;
UPDATE delivery d SET milestone_id = m.id FROM contract_milestone m WHERE m.contract_id = d.contract_id;
ALTER TABLE delivery ALTER COLUMN milestone_id SET NOT NULL;
DROP INDEX delivery_accepted_once;
CREATE UNIQUE INDEX delivery_accepted_once ON delivery (milestone_id) WHERE decision IN ('accepted', 'accepted_by_silence');

-- The milestones of a contract come to exactly its price, all of it; so they are written in one statement.
CREATE FUNCTION check_contract_milestones() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM contract c JOIN contract_milestone m ON m.contract_id = c.id
               WHERE c.id IN (SELECT contract_id FROM written) GROUP BY c.id
               HAVING sum(m.share) <> 10000 OR sum(m.price_fen) <> c.price_fen) THEN
        RAISE EXCEPTION 'the milestones of a contract do not come to its price'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_milestone_sum';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER contract_milestone_sum_written AFTER INSERT ON contract_milestone
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION check_contract_milestones();
CREATE TRIGGER contract_milestone_sum_changed AFTER UPDATE ON contract_milestone
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION check_contract_milestones();

-- Nothing deviates from the result: price, time and scope of a contract are those of the project; and nobody's
-- signature is moved to other terms.
CREATE FUNCTION check_contract_result() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.owner_signed_at IS NOT NULL OR OLD.agency_signed_at IS NOT NULL)
       AND (NEW.terms IS DISTINCT FROM OLD.terms OR NEW.terms_sha256 <> OLD.terms_sha256 OR NEW.price_fen <> OLD.price_fen) THEN
        RAISE EXCEPTION 'contract % is signed; its terms are fixed', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_signed_is_fixed';
    END IF;
    IF EXISTS (SELECT 1 FROM project p WHERE p.id = NEW.project_id AND (
            p.price_fen IS DISTINCT FROM NEW.price_fen OR (NEW.terms ->> 'price_fen')::bigint IS DISTINCT FROM NEW.price_fen
            OR (NEW.terms ->> 'service_days')::integer IS DISTINCT FROM p.service_days
            OR NEW.terms ->> 'content' IS DISTINCT FROM p.content OR NEW.terms ->> 'scale' IS DISTINCT FROM p.scale
            OR NEW.terms ->> 'other_requirements' IS DISTINCT FROM p.other_requirements
            OR NEW.terms -> 'service_items' IS DISTINCT FROM to_jsonb(p.service_items))) THEN
        RAISE EXCEPTION 'contract % differs from the result of its project', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contract_equals_result';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER contract_equals_result AFTER INSERT OR UPDATE OF terms, terms_sha256, price_fen ON contract
    FOR EACH ROW EXECUTE FUNCTION check_contract_result();
