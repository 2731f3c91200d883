-- Two of five projects of the population become contests on price, with a published decision on sealed bids; which ones does
-- not follow from who wins, or else most firms would always lose.
-- One ceiling of fifty is so high that the winner looks abnormally cheap; the others keep to what people ask for the job.
UPDATE project SET method = 'lowest_price', price_fen = least(price_fen, budget_fen), ceiling_fen = least(price_fen, budget_fen)
    + CASE WHEN right(number, 6)::int % 50 = 0 THEN 10000000 ELSE 2500000 END
WHERE abs(hashtext(number)) % 5 < 2;
UPDATE selection_round r SET method = 'lowest_price', dossier = convert_to(jsonb_build_object('decision', jsonb_build_object(
    'entries', (SELECT jsonb_agg(jsonb_build_object('code', one ->> 'code', 'price_fen', p.price_fen
        + CASE WHEN one ->> 'code' = w.code THEN 0 ELSE 300000 + abs(hashtext(p.number || (one ->> 'code'))) % 1500000 END))
        FROM jsonb_array_elements(r.pool) one)), 'opening', repeat('sealed ', 300))::text, 'UTF8')
FROM project p, organisation w WHERE p.id = r.project_id AND w.id = r.winner_id AND p.method = 'lowest_price';
-- Every firm has a telephone of its own, but three in a hundred share one; three firms give up every place that they do not
-- win; two owners name their agencies themselves.
UPDATE agency_authorised_person x SET phone = '138' || lpad((CASE WHEN o.n < 60 THEN 0 ELSE o.n END)::text, 8, '0')
FROM (SELECT id, right(code, 4)::int AS n FROM organisation WHERE kind = 'agency') o WHERE o.id = x.agency_id;
UPDATE sign_up s SET withdrawn_at = r.frozen_at, withdrawn_after_close = true, withdrawal_entry_id = s.entry_id
FROM selection_round r, organisation o WHERE r.project_id = s.project_id AND r.drawn_at IS NOT NULL AND r.winner_id <> s.agency_id
    AND o.id = s.agency_id AND right(o.code, 4)::int IN (7, 77, 777);
UPDATE project p SET method = 'direct' FROM organisation o
WHERE o.id = p.owner_id AND right(o.code, 4)::int < 2 AND p.method = 'draw';
ANALYZE;
