-- A removal (清退) is told as what it is, wherever an agency is shown, and not as a pause: since when, until when, and the
-- number of the decision. When its term is over the agency is out, and enters again by an application.
ALTER TABLE agency_standing
    ADD COLUMN removed_since timestamptz,
    ADD COLUMN removed_until timestamptz,
    ADD COLUMN removal_decision text NOT NULL DEFAULT '',
    ADD CONSTRAINT agency_standing_removed CHECK (
        num_nonnulls(removed_since, removed_until) IN (0, 2) AND (removed_since IS NULL) = (removal_decision = '')
        AND (removed_since IS NULL OR removed_since < removed_until));
UPDATE agency_standing s SET removed_since = m.from_at, removed_until = m.until_at, removal_decision = m.number
FROM (SELECT DISTINCT ON (m.organisation_id) m.organisation_id, m.from_at, m.until_at, c.number
      FROM case_measure m JOIN conduct_case c ON c.id = m.case_id WHERE m.kind = 'removal' AND m.ended_at IS NULL
      ORDER BY m.organisation_id, m.until_at DESC) m
WHERE m.organisation_id = s.agency_id;
CREATE INDEX agency_standing_removed_until ON agency_standing (removed_until) WHERE removed_until IS NOT NULL;
