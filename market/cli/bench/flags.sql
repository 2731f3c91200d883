-- Two of five projects of the population become contests on price, with a published decision on sealed bids.
UPDATE project SET method = 'lowest_price', ceiling_fen = budget_fen, price_fen = least(price_fen, budget_fen)
WHERE right(number, 6)::int % 5 < 2;
UPDATE selection_round r SET method = 'lowest_price', dossier = convert_to(jsonb_build_object('decision', jsonb_build_object(
    'entries', (SELECT jsonb_agg(jsonb_build_object('code', one ->> 'code', 'price_fen', p.price_fen
        + CASE WHEN one ->> 'code' = w.code THEN 0 ELSE 300000 + abs(hashtext(p.number || (one ->> 'code'))) % 1500000 END))
        FROM jsonb_array_elements(r.pool) one)), 'opening', repeat('sealed ', 300))::text, 'UTF8')
FROM project p, organisation w WHERE p.id = r.project_id AND w.id = r.winner_id AND p.method = 'lowest_price';
ANALYZE;
