"""What people really type and send: wrong codes, wrong dates, wrong files; every error at once, nothing recorded."""

from __future__ import annotations

import io
import zipfile

import pytest

from agencies import actions
from agencies.queries.commitment import text_in_force
from market.demo import agencies as cast
from market.kernel.db import fetch_value
from tests.visitor import Visitor

PDF = ("certificate.pdf", cast.paper("证书").content, "application/pdf")
FIRM = {
    "name": "青岛海诺测绘工程有限公司", "legal_representative": "韩立群", "region_code": "370202", "address": "青岛市市南区东海西路17号",
    "phone": "0532-80000017", "established_on": "2008-05-06", "registered_capital": "5,000,000",
    "introduction": "专业测绘机构，长期承担政府投资和企业投资项目的测绘工作。",
}  # fmt: skip
CERTIFICATE = {
    "kind": "surveying-mapping", "level": "b", "specialities": "engineering", "certificate_number": "乙测资字37500001",
    "valid_from": "2024-01-01", "valid_until": "2029-12-31",
}  # fmt: skip
PERSON = {
    "person_name": "郑海峰", "id_number": cast.id_number(7), "profession": "注册测绘师", "certificate_number": "3706001",
    "valid_until": "2029-12-31",
}  # fmt: skip


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * 30_000_000)
    return packed.getvalue()


@pytest.fixture
async def agency(world, sign_in) -> tuple[cast.Agent, Visitor]:
    agent = await cast.sign_up_agency(world, cast.some_agency(1))
    return agent, await sign_in(agent.viewer)


async def test_the_firm_is_saved(world, agency) -> None:
    agent, visitor = agency
    answer = await visitor.send_form("/agency/firm", FIRM)
    assert (answer.status_code, answer.headers["location"]) == (303, "/agency/entry#firm")
    firm = (await cast.dossier(agent)).agency.firm
    assert (firm.name, firm.registered_capital_fen) == (FIRM["name"], 500_000_000)


WRONG_FIRMS = [
    ("branch_of", "91370202000100001A"), ("parent_code", "12345"), ("phone", "call me"), ("established_on", "2026-06-17"),
    ("established_on", "31.12.2008"), ("introduction", "短"), ("name", ""), ("region_code", "999999"),
    ("registered_capital", "five million"), ("registered_capital", "-1"), ("name", "名" * 101), ("address", "\x00\x07青岛市"),
]  # fmt: skip


async def unnoticed(
    visitor: Visitor, path: str, good: dict[str, str], wrong: list[tuple[str, str]], files=None
) -> list[tuple[str, str]]:
    """The mistakes that the form did not answer with an error at their field."""
    missed = []
    for field, typed in wrong:
        answer = await visitor.send_form(path, {**good, field: typed}, files=files)
        if answer.status_code != 422 or f'id="f-{field}-errors"' not in answer.text:
            missed.append((field, typed))
    return missed


async def test_what_is_wrong_with_the_firm_is_said_at_its_field(agency) -> None:
    agent, visitor = agency
    assert await unnoticed(visitor, "/agency/firm", FIRM, WRONG_FIRMS) == []
    assert (await cast.dossier(agent)).agency.firm.introduction == ""


async def test_all_errors_of_a_section_come_at_once_and_what_was_typed_stays(agency) -> None:
    _, visitor = agency
    answer = await visitor.send_form("/agency/firm", {"name": "只有名称", "phone": "x", "branch_of": "x"})
    assert answer.status_code == 422
    for field in (
        "legal_representative",
        "region_code",
        "address",
        "phone",
        "established_on",
        "introduction",
        "branch_of",
    ):
        assert f'href="#f-{field}"' in answer.text
    assert "只有名称" in answer.text


async def test_a_certificate_is_saved_with_its_scan(agency) -> None:
    agent, visitor = agency
    answer = await visitor.send_form("/agency/qualifications/new", CERTIFICATE, files={"scan": PDF})
    assert (answer.status_code, answer.headers["location"]) == (303, "/agency/entry#qualifications")
    dossier = await cast.dossier(agent)
    [row] = dossier.qualifications
    assert (row.level, row.specialities) == ("b", ("engineering",))
    paper = await visitor.get(f"/agency-files/{row.file_id}")
    assert paper.content == PDF[1]
    assert paper.headers["content-disposition"].startswith("attachment")
    assert paper.headers["x-content-type-options"] == "nosniff"


WRONG_CERTIFICATES = [
    ("level", "z"), ("level", ""), ("specialities", "cooking"), ("certificate_number", ""), ("valid_from", ""),
    ("valid_until", "2023-12-31"), ("valid_until", "2026-06-15"), ("valid_until", "2029-02-30"), ("valid_until", ""),
]  # fmt: skip


async def test_what_is_wrong_with_a_certificate_is_said_at_its_field(agency) -> None:
    agent, visitor = agency
    assert await unnoticed(visitor, "/agency/qualifications/new", CERTIFICATE, WRONG_CERTIFICATES, {"scan": PDF}) == []
    assert (await cast.dossier(agent)).qualifications == ()


WRONG_FILES = [
    ("licence.pdf", b"<script>alert(1)</script>"), ("licence.pdf", b"MZ\x90\x00" + b"\0" * 200), ("licence.pdf", b""),
    ("licence.html", b"<html></html>"), ("licence.zip", bomb()), ("licence.pdf", b"%PDF-1.4\n" + b"0" * (20 * 1024 * 1024)),
    ("licence.exe", PDF[1]), ("licence", PDF[1]),
]  # fmt: skip


async def test_a_file_that_is_not_what_it_says_is_refused(agency) -> None:
    agent, visitor = agency
    for name, content in WRONG_FILES:
        answer = await visitor.send_form("/agency/licence", files={"licence": (name, content, "application/pdf")})
        assert answer.status_code == 422, (name, content[:20])
        assert 'id="f-licence-errors"' in answer.text
    assert (await cast.dossier(agent)).agency.licence_file_id is None
    assert await fetch_value("SELECT count(*) FROM stored_file") == 0


async def test_file_names_cannot_lead_out_of_their_folder(agency) -> None:
    agent, visitor = agency
    sent = {"licence": ("../../etc/passwd\r\nx: y.pdf", PDF[1], "application/pdf")}
    assert (await visitor.send_form("/agency/licence", files=sent)).status_code == 303
    file_id = (await cast.dossier(agent)).agency.licence_file_id
    headers = (await visitor.get(f"/agency-files/{file_id}")).headers
    assert "x" not in headers
    assert "/" not in headers["content-disposition"].partition("''")[2]


WRONG_PEOPLE = [
    ("id_number", "370202198506170011"), ("id_number", "12345"), ("id_number", ""), ("id_number", "370202198513450017"),
    ("profession", "wizard"), ("person_name", ""), ("valid_until", "2020-01-01"),
]  # fmt: skip


async def test_what_is_wrong_with_a_practitioner_is_said_at_its_field(agency) -> None:
    agent, visitor = agency
    assert await unnoticed(visitor, "/agency/practitioners/new", PERSON, WRONG_PEOPLE, {"insurance": PDF}) == []
    assert (await cast.dossier(agent)).practitioners == ()


async def test_identity_numbers_are_sealed_and_shown_masked(agency) -> None:
    agent, visitor = agency
    assert (await visitor.send_form("/agency/practitioners/new", PERSON, files={"insurance": PDF})).status_code == 303
    sealed = await fetch_value("SELECT row_to_json(p)::text FROM agency_practitioner p")
    assert PERSON["id_number"] not in sealed
    page = (await visitor.get("/agency/entry")).text
    assert PERSON["id_number"] not in page
    assert f"370{'*' * 11}{PERSON['id_number'][-4:]}" in page
    again = await visitor.send_form("/agency/practitioners/new", PERSON, files={"insurance": PDF})
    assert again.status_code == 422
    [row] = (await cast.dossier(agent)).practitioners
    kept = {**PERSON, "id_number": "", "person_name": "郑海锋"}
    assert (await visitor.send_form(f"/agency/practitioners/{row.id}", kept)).status_code == 303
    assert [row.name for row in (await cast.dossier(agent)).practitioners] == ["郑海锋"]


async def test_services_outside_the_catalogue_are_refused(agency) -> None:
    agent, visitor = agency
    assert (await visitor.send_form("/agency/services", {"service_items": ["C001", "X999"]})).status_code == 422
    assert (await visitor.send_form("/agency/services")).status_code == 422
    assert (await visitor.send_form("/agency/services", {"service_items": ["C001", "C001"]})).status_code == 303
    assert (await cast.dossier(agent)).agency.service_items == ("C001",)


async def test_the_commitment_is_bound_to_the_text_that_was_read(agency) -> None:
    agent, visitor = agency
    assert (await visitor.send_form("/agency/commitment", {"agreed": "on", "sha256": "0" * 64})).status_code == 409
    assert (await visitor.send_form("/agency/commitment", {"sha256": "0" * 64})).status_code == 422
    assert (await cast.dossier(agent)).commitment is None


async def test_the_whole_way_through_the_pages(world, agency, sign_in, client) -> None:
    agent, visitor = agency
    operator = await sign_in(await cast.operator_of(world))
    sha256 = text_in_force(world.now).sha256
    for path, data, files in (
        ("/agency/firm", FIRM, None),
        ("/agency/services", {"service_items": "C001"}, None),
        ("/agency/licence", {}, {"licence": PDF}),
        ("/agency/commitment", {"agreed": "on", "sha256": sha256}, None),
        ("/agency/qualifications/new", CERTIFICATE, {"scan": PDF}),
        ("/agency/practitioners/new", PERSON, {"insurance": PDF}),
        (
            "/agency/authorised/new",
            {"person_name": "孙晓梅", "phone": "13800000001"},
            {"insurance": PDF, "authority": PDF},
        ),
    ):
        answer = await visitor.send_form(path, data, files=files)
        assert answer.status_code == 303, (path, answer.text[:3000])
    checked = await visitor.get("/agency/entry/check")
    assert 'action="/agency/entry/submit"' in checked.text
    version = str((await cast.dossier(agent)).agency.version)
    assert (await visitor.send_form("/agency/entry/submit", {"version": version})).status_code == 303
    assert agent.code in (await operator.get("/operator/entries")).text
    dossier = await cast.dossier(agent)
    items = actions.review_items(dossier)
    accepted = {f"verdict-{item}": "accept" for item in items}
    form = {**accepted, "decision": "accept", "version": str(dossier.agency.version)}
    incomplete = await operator.send_form(f"/operator/entries/{agent.code}", {**form, "verdict-licence": "return"})
    assert incomplete.status_code == 422
    blurred = {"verdict-licence": "return", "reason-licence": "复印件不清楚", "decision": "return", "version": "1"}
    meanwhile = await operator.send_form(f"/operator/entries/{agent.code}", {**form, **blurred})
    assert meanwhile.status_code == 409, "decided on what somebody changed meanwhile"
    assert 'value="复印件不清楚"' in meanwhile.text
    assert (await operator.send_form(f"/operator/entries/{agent.code}", form)).status_code == 303
    assert (await operator.send_form(f"/operator/entries/{agent.code}", form)).status_code in {409, 422}
    assert agent.code in (await client.get("/entry-notices")).text
    ends_at = (await cast.dossier(agent)).agency.notice_ends_at
    assert ends_at is not None
    await world.run_until(ends_at)
    public = (await client.get(f"/agencies/{agent.code}")).text
    assert "郑**" in public
    assert "郑海峰" not in public
    assert sha256[:8] in public
    assert (
        agent.code
        in (await client.get("/agencies?q=海诺测绘&kind=C&region=370000&qualification=surveying-mapping")).text
    )
