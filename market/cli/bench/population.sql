-- A market of {projects} projects for measuring only: rows as the actions would have left them, written in bulk.
-- Ids follow from numbers, so that rows can name each other without being read back.

CREATE FUNCTION pg_temp.id_of(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
    $$ SELECT md5(kind || ':' || n)::uuid $$;
CREATE FUNCTION pg_temp.code_of(prefix text, n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS
    $$ SELECT prefix || lpad(n::text, 18 - length(prefix), '0') $$;
CREATE TEMP TABLE district AS
    SELECT code, row_number() OVER (ORDER BY code) - 1 AS place
    FROM unnest('{{370202,370203,370211,370212,370213,370214,370215,370281,370283,370285}}'::text[]) AS code;
CREATE TEMP TABLE item AS
    SELECT code, name, row_number() OVER (ORDER BY code) - 1 AS place
    FROM unnest('{{A001,B001,C001,C002,D001,E001}}'::text[], '{{可行性研究报告编制,工程设计,工程测量,不动产测绘,水质检测,招标代理}}'::text[])
        AS one (code, name);

INSERT INTO organisation (id, kind, code, name, legal_representative, region_code, address, phone, complaint_phone, created_at)
SELECT pg_temp.id_of('owner', n), 'public_body', pg_temp.code_of('11370200MB', n), '青岛市第' || n || '建设管理中心', '负责人' || n,
       d.code, '青岛市延安三路 ' || n || ' 号', '0532-8591' || lpad(n::text, 4, '0'), '0532-85911200', now() - interval '3 years'
FROM generate_series(0, 199) n JOIN district d ON d.place = n % 10;
INSERT INTO organisation (id, kind, code, name, legal_representative, region_code, address, phone, complaint_phone, created_at)
SELECT pg_temp.id_of('agency', n), 'agency', pg_temp.code_of('91370200MA', n), '青岛第' || n || '工程咨询有限公司', '法人' || n,
       d.code, '青岛市东海西路 ' || n || ' 号', '0532-8000' || lpad(n::text, 4, '0'), '', now() - interval '3 years'
FROM generate_series(0, 1999) n JOIN district d ON d.place = n % 10;
INSERT INTO person (id, login, name, phone, email, password_hash, created_at)
SELECT pg_temp.id_of('person-' || kind, n), kind || n, '经办人' || n, '13800000000', '', '!', now() - interval '3 years'
FROM generate_series(0, 1999) n, unnest('{{owner,agency}}'::text[]) kind WHERE kind = 'agency' OR n < 200;
INSERT INTO membership (id, person_id, organisation_id, admin, handler, signatory, since)
SELECT pg_temp.id_of('membership-' || kind, n), pg_temp.id_of('person-' || kind, n), pg_temp.id_of(kind, n), true, true, true,
       now() - interval '3 years'
FROM generate_series(0, 1999) n, unnest('{{owner,agency}}'::text[]) kind WHERE kind = 'agency' OR n < 200;

INSERT INTO agency (organisation_id, stage, introduction, established_on, registered_capital_fen, service_items,
    submitted_at, notice_started_at, notice_ends_at, admitted_at)
SELECT pg_temp.id_of('agency', n), 'admitted', '专业技术服务机构，长期承担政府投资和企业投资项目的技术服务工作。', '2008-05-06', 500000000,
       '{{A001,B001,C001,C002,D001,E001}}', now() - interval '1000 days', now() - interval '995 days', now() - interval '990 days',
       now() - interval '990 days'
FROM generate_series(0, 1999) n;
INSERT INTO agency_qualification (id, agency_id, qualification_type, level, specialities, certificate_number, valid_from,
    valid_until, review, reviewed_at, created_at)
SELECT pg_temp.id_of('qualification', n), pg_temp.id_of('agency', n), 'surveying-mapping', 'b', '{{engineering}}', '乙测资字375' || n,
       current_date - 1000, current_date + 1000, 'accepted', now() - interval '995 days', now() - interval '1000 days'
FROM generate_series(0, 1999) n;
INSERT INTO agency_authorised_person (id, agency_id, name, phone, review, reviewed_at, since)
SELECT pg_temp.id_of('authorised', n), pg_temp.id_of('agency', n), '授权人' || n, '13800000001', 'accepted', now() - interval '995 days',
       now() - interval '1000 days'
FROM generate_series(0, 1999) n;
INSERT INTO agency_standing (agency_id, score, updated_at)
SELECT pg_temp.id_of('agency', n), 8000 + n % 2000, now() FROM generate_series(0, 1999) n;

-- Each project's stage, and from it the moments of its life.
CREATE TEMP TABLE life AS
WITH aged AS (
    SELECT n, CASE WHEN n % 100 < 5 THEN 'sign_up' WHEN n % 100 < 6 THEN 'drawing' WHEN n % 100 < 8 THEN 'result_notice'
                   WHEN n % 100 < 10 THEN 'contracting' WHEN n % 100 < 18 THEN 'fulfilment' WHEN n % 100 < 20 THEN 'accepted'
                   WHEN n % 100 < 95 THEN 'closed' WHEN n % 100 < 99 THEN 'failed' ELSE 'withdrawn' END AS stage
    FROM generate_series(1, {projects}) n),
posted AS (
    SELECT n, stage, now() - interval '1 second' - CASE stage
        WHEN 'sign_up' THEN interval '5 days' WHEN 'drawing' THEN interval '0' WHEN 'result_notice' THEN interval '4 days'
        WHEN 'contracting' THEN interval '2 days' WHEN 'fulfilment' THEN interval '18 days' WHEN 'accepted' THEN interval '9 days'
        ELSE interval '670 days' END * (n::float / {projects})
        - CASE stage WHEN 'sign_up' THEN interval '0' WHEN 'drawing' THEN interval '6 days' WHEN 'result_notice' THEN interval '7 days'
        WHEN 'contracting' THEN interval '12 days' WHEN 'fulfilment' THEN interval '15 days' WHEN 'accepted' THEN interval '35 days'
        ELSE interval '46 days' END AS published_at
    FROM aged),
far AS (
    SELECT *, published_at + interval '6 days' AS closes_at, (n::bigint * 7919) % 2000 AS winner,
           stage NOT IN ('sign_up', 'withdrawn', 'failed') AS pooled,
           stage IN ('result_notice', 'contracting', 'fulfilment', 'accepted', 'closed') AS drawn,
           stage IN ('contracting', 'fulfilment', 'accepted', 'closed') AS final, stage IN ('fulfilment', 'accepted', 'closed') AS signed,
           stage IN ('accepted', 'closed') AS accepted
    FROM posted)
SELECT far.*, {fewest} + n % 5 AS signed_up, (50000 + n * 37 % 900000)::bigint * 100 AS budget,
       (40000 + n * 31 % 9000)::bigint * 100 AS price, o.code AS owner_code, i.name AS item_name, i.code AS item_code, d.code AS region,
       'MX-' || extract(year FROM published_at) || '-' || lpad(n::text, 6, '0') AS number, o.id AS owner_id
FROM far JOIN organisation o ON o.id = pg_temp.id_of('owner', n % 200) JOIN item i ON i.place = n % 6 JOIN district d ON d.place = n % 10;

INSERT INTO project_draft (id, owner_id, values, updated_by, updated_at, published_at)
SELECT pg_temp.id_of('draft', n), owner_id, '{{}}', pg_temp.id_of('person-owner', n % 200), published_at, published_at FROM life;
INSERT INTO project (id, number, owner_id, draft_id, stage, method, title, service_items, service_classes, service_mode, region_code, scale, content,
    service_days, service_time_note, investment_code, investment_name, approval_matter, approval_number, fiscal_share, budget_fen,
    price_fen, price_note, contact_name, contact_phone, complaint_phone, requirement_mode, practitioners_needed,
    practitioner_profession, other_requirements, remarks, catalogue_version, rulebook_version, published_by, published_at,
    sign_up_opens_at, sign_up_closes_at, beacon_chain, withdrawn_at, withdrawal_reason, frozen_at, failed_at, failure_reason, winner_id,
    drawn_at, result_notice_ends_at, result_final_at, signed_at, accepted_at, closed_at, due_at)
SELECT pg_temp.id_of('project', n), number, owner_id, pg_temp.id_of('draft', n), stage, 'draw', {title},
       ARRAY[item_code], '|' || left(item_code, 1) || '|', 'all', region, '12 个小区，占地约 36 公顷',
       {content}, 15, '',
       '2606-370203-04-01-' || lpad(n::text, 6, '0'), '第' || n || '号地块改造', '建设工程规划许可', '', 10000, budget, price,
       '含成果打印与现场配合费用', '王敏', '0532-85911234', '0532-85911200', 'all', 0, '', '', '',
       (SELECT version FROM catalogue_version ORDER BY effective_from DESC LIMIT 1),
       (SELECT version FROM rulebook_version ORDER BY effective_from DESC LIMIT 1), pg_temp.id_of('person-owner', n % 200), published_at,
       published_at, closes_at, '{chain}', CASE WHEN stage = 'withdrawn' THEN published_at + interval '1 day' END,
       CASE WHEN stage = 'withdrawn' THEN '项目计划调整' ELSE '' END, CASE WHEN pooled THEN closes_at END,
       CASE WHEN stage = 'failed' THEN closes_at END, CASE WHEN stage = 'failed' THEN 'too_few' ELSE '' END,
       CASE WHEN drawn THEN pg_temp.id_of('agency', winner) END, CASE WHEN drawn THEN closes_at + interval '20 s' END,
       CASE WHEN drawn THEN closes_at + interval '5 days' END, CASE WHEN final THEN closes_at + interval '5 days' END,
       CASE WHEN signed THEN closes_at + interval '8 days' END, CASE WHEN accepted THEN closes_at + interval '28 days' END,
       CASE WHEN stage = 'closed' THEN closes_at + interval '38 days' END, CASE WHEN stage = 'sign_up' THEN closes_at END
FROM life;
-- What follows a notice.
INSERT INTO project_requirement (id, project_id, qualification_type, level, speciality)
SELECT pg_temp.id_of('requirement', n), pg_temp.id_of('project', n), 'surveying-mapping', 'b', 'engineering' FROM life;

-- The register: what makes the history on a project's page.
CREATE TEMP TABLE signing AS
    -- Steps that end in 3 meet no agency twice within 2,000, and differ, so that not the same ones meet again and again.
    SELECT life.*, k, (winner + k * (13 + 10 * (n * 17 % 199))) % 2000 AS agency FROM life CROSS JOIN LATERAL generate_series(0, signed_up - 1) k
    WHERE stage NOT IN ('withdrawn', 'failed');
INSERT INTO register_entry (id, at, kind, subject, by, data)
SELECT * FROM (
    SELECT pg_temp.id_of('published', n), published_at AS at, 'project.published', number, owner_code, jsonb_build_object('title', item_name,
        'service_items', ARRAY[item_code], 'budget_fen', budget, 'price_fen', price, 'method', 'draw', 'beacon_chain', '{chain}',
        'beacon_round', 1000000 + n, 'algorithm', 'hmac-draw/1') FROM life
    UNION ALL SELECT pg_temp.id_of('signing-' || k, n), published_at + k * interval '1 hour', 'sign_up.made', number, 'agency',
        jsonb_build_object('count', k + 1) FROM signing
    UNION ALL SELECT pg_temp.id_of('frozen', n), closes_at, 'pool.frozen', number, 'market', jsonb_build_object('round_no', 1, 'sha256',
        repeat('0', 64), 'entrants', signed_up, 'excluded', 0) FROM life WHERE pooled
    UNION ALL SELECT pg_temp.id_of('drawn', n), closes_at + interval '20 s', 'draw.made', number, 'market', jsonb_build_object('round_no', 1,
        'winner', pg_temp.code_of('91370200MA', winner), 'winner_name', '青岛第' || winner || '工程咨询有限公司', 'beacon_round', 1000000 + n,
        'dossier_sha256', repeat('0', 64), 'notice_ends_at', closes_at + interval '5 days') FROM life WHERE drawn
    UNION ALL SELECT pg_temp.id_of('final', n), closes_at + interval '5 days', 'result.final', number, 'market',
        jsonb_build_object('winner', pg_temp.code_of('91370200MA', winner)) FROM life WHERE final
    UNION ALL SELECT pg_temp.id_of('in-force', n), closes_at + interval '8 days', 'contract.in_force', number, 'market',
        jsonb_build_object('contract', number || '-1', 'agency', pg_temp.code_of('91370200MA', winner), 'owner', owner_code,
        'price_fen', price) FROM life WHERE signed
    UNION ALL SELECT pg_temp.id_of('accepted', n), closes_at + interval '28 days', 'delivery.accepted', number, owner_code,
        jsonb_build_object('contract', number || '-1', 'agency', pg_temp.code_of('91370200MA', winner), 'owner', owner_code, 'no', 1,
        'by_silence', false) FROM life WHERE accepted
    UNION ALL SELECT pg_temp.id_of('failed', n), closes_at, 'project.failed', number, 'market', jsonb_build_object('reason', 'too_few',
        'signed_up', 1, 'eligible', 1, 'needed', 3) FROM life WHERE stage = 'failed'
    UNION ALL SELECT pg_temp.id_of('withdrawn', n), published_at + interval '1 day', 'project.withdrawn', number, owner_code,
        jsonb_build_object('reason', '项目计划调整') FROM life WHERE stage = 'withdrawn'
    UNION ALL SELECT pg_temp.id_of('closed', n), closes_at + interval '38 days', 'project.closed', number, 'market', '{{}}'
        FROM life WHERE stage = 'closed') entries
ORDER BY at;
INSERT INTO sign_up (id, project_id, agency_id, authorised_person_id, practitioner_ids, signed_by, signed_up_at, entry_id)
SELECT pg_temp.id_of('sign-up-' || k, n), pg_temp.id_of('project', n), pg_temp.id_of('agency', agency), pg_temp.id_of('authorised', agency),
       '{{}}', pg_temp.id_of('person-agency', agency), published_at + k * interval '1 hour', pg_temp.id_of('signing-' || k, n)
FROM signing;
INSERT INTO selection_round (id, project_id, no, purpose, cause, committed_at, deadline, beacon_chain, beacon_round, frozen_at,
    pool_sha256, pool, excluded, drawn_at, signature, winner_id, dossier)
SELECT pg_temp.id_of('round', n), pg_temp.id_of('project', n), 1, 'award', 'published', published_at, closes_at, '{chain}', 1000000 + n,
       CASE WHEN pooled THEN closes_at END, CASE WHEN pooled THEN repeat('0', 64) END,
       CASE WHEN pooled THEN pool END,
       CASE WHEN pooled THEN '[]'::jsonb END, CASE WHEN drawn THEN closes_at + interval '20 s' END,
       CASE WHEN drawn THEN repeat('0', 96) END, CASE WHEN drawn THEN pg_temp.id_of('agency', winner) END,
       CASE WHEN drawn THEN convert_to(repeat('{{"draw":"dossier"}}', 200), 'UTF8') END
FROM life JOIN (
    SELECT n, jsonb_agg(jsonb_build_object('code', pg_temp.code_of('91370200MA', agency), 'name', '青岛第' || agency || '工程咨询有限公司',
        'tickets', 1)) AS pool FROM signing GROUP BY n) pools USING (n);

INSERT INTO contract (id, project_id, round_id, number, owner_id, agency_id, price_fen, terms, terms_sha256, created_at, sign_due_at,
    owner_signed_by, owner_signed_at, agency_signed_by, agency_signed_at, in_force_at, delivery_due_at)
SELECT pg_temp.id_of('contract', n), pg_temp.id_of('project', n), pg_temp.id_of('round', n), number || '-1', owner_id,
       pg_temp.id_of('agency', winner), price, '{terms}'::jsonb || (
           SELECT jsonb_build_object('price_fen', price, 'service_days', p.service_days, 'content', p.content, 'scale', p.scale,
               'other_requirements', p.other_requirements, 'service_items', p.service_items)
           FROM project p WHERE p.id = pg_temp.id_of('project', n)), repeat('0', 64), closes_at + interval '5 days', closes_at + interval '12 days',
       CASE WHEN signed THEN pg_temp.id_of('person-owner', n % 200) END, CASE WHEN signed THEN closes_at + interval '8 days' END,
       CASE WHEN signed THEN pg_temp.id_of('person-agency', winner) END, CASE WHEN signed THEN closes_at + interval '8 days' END,
       CASE WHEN signed THEN closes_at + interval '8 days' END, CASE WHEN signed THEN closes_at + interval '29 days' END
FROM life WHERE final;
INSERT INTO contract_milestone (id, contract_id, no, title, share, price_fen, days, started_at, due_at, accepted_at)
SELECT pg_temp.id_of('milestone', n), pg_temp.id_of('contract', n), 1, '全部服务成果', 10000, price, 15, closes_at + interval '8 days',
       closes_at + interval '29 days', CASE WHEN accepted THEN closes_at + interval '28 days' END
FROM life WHERE signed;
INSERT INTO delivery (id, contract_id, milestone_id, no, statement, delivered_by, delivered_at, due_at, late_days, answer_due_at, decision,
    decided_by, decided_at)
SELECT pg_temp.id_of('delivery', n), pg_temp.id_of('contract', n), pg_temp.id_of('milestone', n), 1, '按合同约定提交全部成果。', pg_temp.id_of('person-agency', winner),
       closes_at + interval '25 days', closes_at + interval '29 days', CASE WHEN n % 20 = 0 THEN 2 ELSE 0 END, closes_at + interval '32 days',
       'accepted', pg_temp.id_of('person-owner', n % 200), closes_at + interval '28 days'
FROM life WHERE accepted;
INSERT INTO rating_window (project_id, owner_id, agency_id, opened_at, due_at, revealed_at)
SELECT pg_temp.id_of('project', n), owner_id, pg_temp.id_of('agency', winner), closes_at + interval '28 days', closes_at + interval '38 days',
       CASE WHEN stage = 'closed' THEN closes_at + interval '38 days' END
FROM life WHERE accepted;

DROP TABLE life, signing, district, item;
ANALYZE;
