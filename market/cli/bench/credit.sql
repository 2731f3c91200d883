-- {firms} agencies with {events} credit events over six years, for measuring only, written in bulk. One agency in twenty
-- is a troubled one. The n-th events of all firms share one register entry as evidence.

CREATE FUNCTION pg_temp.id_of(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
    $$ SELECT md5(kind || ':' || n)::uuid $$;
SELECT setseed(0.42);

INSERT INTO organisation (id, kind, code, name, legal_representative, region_code, address, phone, complaint_phone, created_at)
SELECT pg_temp.id_of('agency', n), 'agency', '91370200MA' || lpad(n::text, 8, '0'), '青岛第' || n || '工程咨询有限公司', '法人' || n,
       '37020' || 2 + n % 2, '青岛市东海西路 ' || n || ' 号', '0532-8' || lpad(n::text, 7, '0'), '', now() - interval '7 years'
FROM generate_series(0, {firms} - 1) n;
INSERT INTO agency (organisation_id, stage, introduction, established_on, registered_capital_fen, service_items, submitted_at,
    notice_started_at, notice_ends_at, admitted_at)
SELECT pg_temp.id_of('agency', n), 'admitted', '专业技术服务机构，长期承担技术服务工作。', '2008-05-06', 500000000, '{{C001}}',
       now() - interval '2300 days', now() - interval '2295 days', now() - interval '2290 days', now() - interval '2290 days'
FROM generate_series(0, {firms} - 1) n;
INSERT INTO register_entry (id, at, kind, subject, by, data)
SELECT pg_temp.id_of('evidence', k), now() - interval '6 years', 'delivery.made', 'MX-2020-' || lpad(k::text, 6, '0'), 'market', '{{}}'
FROM generate_series(0, {each} * 2) k;

CREATE TEMP TABLE told AS
    SELECT n, k, random() AS chance, now() - random() * interval '2190 days' - interval '1 day' AS at,
           CASE WHEN n % 20 = 0 THEN 0.45 ELSE 0.12 END AS bad
    FROM generate_series(0, {firms} - 1) n, generate_series(0, {each} - 1) k;
INSERT INTO credit_event (id, organisation_id, kind, points, rulebook_version, rule, occurred_at, recorded_at, valid_until,
    evidence_id, project_number)
SELECT pg_temp.id_of('event-' || k, n), pg_temp.id_of('agency', n), kind, points, '2025-1', 'credit.bench', at, at + interval '1 second',
       at + interval '12 months', pg_temp.id_of('evidence', k), 'MX-2020-' || lpad(k::text, 6, '0')
FROM told, LATERAL (SELECT CASE WHEN chance >= bad THEN 'five_stars' WHEN chance < bad * 0.4 THEN 'late_delivery'
        WHEN chance < bad * 0.65 THEN 'sign_up_abandoned' WHEN chance < bad * 0.83 THEN 'returned_twice'
        WHEN chance < bad * 0.96 THEN 'low_rating' ELSE 'sign_refused' END AS kind) k1,
    LATERAL (SELECT CASE kind WHEN 'five_stars' THEN 100 WHEN 'sign_up_abandoned' THEN -200 WHEN 'returned_twice' THEN -500
        WHEN 'sign_refused' THEN -2000 ELSE -300 END AS points) k2;
-- One deduction in fifty is taken back a month later.
INSERT INTO credit_event (id, organisation_id, kind, points, rulebook_version, rule, occurred_at, recorded_at, valid_until,
    evidence_id, cancels)
SELECT pg_temp.id_of('correction-' || k, n), pg_temp.id_of('agency', n), 'correction', 0, '2025-1', 'credit.bench', at + interval '30 days',
       at + interval '30 days', at + interval '13 months', pg_temp.id_of('evidence', {each} + k), pg_temp.id_of('event-' || k, n)
FROM told WHERE chance < bad * 0.02 AND at < now() - interval '31 days';
DROP TABLE told;
ANALYZE;
