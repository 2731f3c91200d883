-- Rounds of the beacon that the market relied on, each stored after its signature was verified. Whoever reads one
-- verifies it again: this table saves asking twice, it is no authority.
CREATE TABLE beacon_round (
    id uuid PRIMARY KEY,
    chain text NOT NULL CONSTRAINT beacon_round_chain CHECK (chain ~ '^[0-9a-f]{64}$'),
    round bigint NOT NULL CONSTRAINT beacon_round_number CHECK (round >= 1),
    signature bytea NOT NULL CONSTRAINT beacon_round_signature CHECK (octet_length(signature) = 48),
    received_at timestamptz NOT NULL,
    CONSTRAINT beacon_round_once UNIQUE (chain, round)
);
CREATE TRIGGER beacon_round_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON beacon_round
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
