-- Beside the owner, the regulator of the field and the operator rate the agency: once a project each.

ALTER TABLE rating
    DROP CONSTRAINT rating_side,
    ADD CONSTRAINT rating_side CHECK (side IN ('owner', 'agency', 'regulator', 'operator'));
