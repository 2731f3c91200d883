"""Contracts as signed files: made after the act, checked from outside, refused where anything is wrong."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from market.demo.contracts import sign_both, sign_contract
from market.kernel.db import fetch, fetch_one
from market.kernel.errors import NotFound, Refusal
from market.kernel.files import Upload
from market.register.queries import history_of
from projects.contracts.documents import actions as documents
from projects.contracts.documents.queries import DocumentView, documents_of
from projects.contracts.documents.showing import text_inside
from projects.contracts.queries import contract_by_number
from projects.contracts.rules import Side, State
from projects.contracts.signing import authority, certificates
from projects.contracts.signing.notary import Notary, notary_in_force, open_notary
from projects.contracts.signing.signatures import NotReadable, find_signatures
from tests.contracts.award import Award, SignIn, acts_of
from tests.visitor import Visitor

SCAN = Upload("合同扫描件.pdf", b"%PDF-1.7 a scan", "application/pdf")


async def signed(award: Award) -> DocumentView:
    await award.run_past_notice()
    contract = await award.contract()
    await sign_contract(award.world, contract, award.winner)
    award.world.clock.advance(hours=30)
    await sign_both(award.world, award.number, award.owner, award.winner)
    await award.world.settle()
    (made,) = await documents_of((await award.contract()).id)
    return made


async def content(award: Award, made: DocumentView) -> bytes:
    found = await award.world.running.files.get_async(str(made.file_id))
    return bytes(await found.bytes_async())


async def test_the_signed_document_follows_from_the_second_signature(award: Award) -> None:
    made = await signed(award)
    contract = await award.contract()
    pdf = await content(award, made)
    first, second = await find_signatures(pdf, await certificates.roots())
    assert [one.side for one in (first, second)] == [Side.AGENCY, Side.OWNER]
    assert all(one.holds for one in (first, second))
    assert first.signed_at == first.stamped_at == contract.agency_signed_at
    assert second.signed_at == second.stamped_at == contract.owner_signed_at
    assert (first.organisation, second.person) == (contract.agency_name, contract.owner_signer)
    act = next(one for one in await history_of(award.number) if one.kind == "contract.documented")
    assert act.data["sha256"] == made.sha256
    assert act.data["certificates"] == {"owner": second.serial, "agency": first.serial}


async def test_it_is_made_once_and_contains_the_text_unchanged(award: Award) -> None:
    made = await signed(award)
    contract = await award.contract()
    assert not await documents.make_document(contract.id, notary_in_force(), now=award.world.now)
    assert await acts_of(award.number, "contract.documented") == 1
    pdf = await content(award, made)
    assert text_inside(pdf, made)
    assert not text_inside(pdf[:100] + b"x" + pdf[101:], made)


async def test_nothing_foreign_and_nothing_altered_holds(award: Award) -> None:
    pdf = await content(award, await signed(award))
    stranger = authority.new_authority("another", now=award.world.now)
    assert [one.trusted for one in await find_signatures(pdf, [stranger.certificate])] == [False, False]
    text = pdf.index(b"/Title")
    altered = pdf[: text + 12] + bytes([pdf[text + 12] ^ 1]) + pdf[text + 13 :]
    try:
        found = await find_signatures(altered, await certificates.roots())
    except NotReadable:
        return
    assert not any(one.holds for one in found)


@settings(deadline=None, max_examples=50)
@given(some.binary(max_size=400))
def test_any_bytes_are_no_contract(junk: bytes) -> None:
    for sent in (junk, b"%PDF-1.7\n" + junk):
        with pytest.raises(NotReadable):
            asyncio.run(find_signatures(sent, []))


async def test_certificates_are_kept_sealed_and_used_again(award: Award) -> None:
    await signed(award)
    rows = await fetch("SELECT role, sealed_key FROM signing_certificate ORDER BY role")
    assert [row["role"] for row in rows] == ["authority", "signatory", "signatory", "timestamp"]
    assert all("PRIVATE KEY" not in row["sealed_key"] for row in rows)
    other = Notary(replace(award.world.settings, secret_key=type(award.world.settings.secret_key)("x" * 40)), None)  # type: ignore[arg-type]
    row = await fetch_one("SELECT * FROM signing_certificate WHERE role = 'authority'")
    with pytest.raises(certificates.KeySealedElsewhere):
        certificates._unsealed(other, row or {})


async def test_an_authority_of_others_issues_by_setting(award: Award, tmp_path: Path) -> None:
    outside = authority.new_authority("市政务 CA", now=award.world.now)
    path = tmp_path / "authority.pem"
    path.write_text(outside.key_pem + outside.chain_pem)
    open_notary(replace(award.world.settings, signing_authority=path), award.world.running.files)
    made = await signed(award)
    found = await find_signatures(await content(award, made), [outside.certificate])
    assert [one.holds for one in found] == [True, True]
    (row,) = await fetch("SELECT sealed_key FROM signing_certificate WHERE role = 'authority'")
    assert row["sealed_key"] is None
    path.write_text(outside.chain_pem)
    with pytest.raises(authority.NotAnAuthority):
        open_notary(replace(award.world.settings, signing_authority=path), award.world.running.files)


async def send(award: Award) -> str:
    contract = await award.contract()
    await documents.send_paper(
        contract.number, SCAN, viewer=award.winner, terms_sha256=contract.terms_sha256,
        files=award.world.running.files, calendar=award.world.calendar, now=award.world.now,
    )  # fmt: skip
    return contract.number


async def confirm(award: Award, number: str, sha256: str) -> None:
    contract = await contract_by_number(number)
    await documents.confirm_paper(
        number, viewer=award.owner, sha256=sha256, terms_sha256=contract.terms_sha256, calendar=award.world.calendar,
        now=award.world.now,
    )  # fmt: skip


async def test_a_contract_on_paper_is_in_force_when_the_other_side_confirms_the_same_file(award: Award) -> None:
    await award.run_past_notice()
    number = await send(award)
    with pytest.raises(Refusal, match=r"contract\.other_paper"):
        await confirm(award, number, "0" * 64)
    await confirm(award, number, SCAN.sha256)
    await award.world.settle()
    assert (await contract_by_number(number)).state is State.IN_FORCE
    (paper,) = await documents_of((await award.contract()).id)
    assert (paper.kind, paper.sha256, paper.confirmed_at) == ("paper", SCAN.sha256, award.world.now)
    assert [await acts_of(award.number, kind) for kind in ("contract.paper_sent", "contract.paper_confirmed")] == [1, 1]
    assert await acts_of(award.number, "contract.documented") == 0


async def test_a_refused_paper_leaves_the_way_to_sign_here(award: Award) -> None:
    await award.run_past_notice()
    number = await send(award)
    with pytest.raises(Refusal, match=r"contract\.no_paper"):
        await documents.refuse_paper(
            number, viewer=award.winner, reason="看不清，请重新扫描上传。", now=award.world.now
        )
    with pytest.raises(NotFound):
        await documents.refuse_paper(number, viewer=award.losers[0], reason="与我无关", now=award.world.now)
    await documents.refuse_paper(
        number, viewer=award.owner, reason="扫描件缺少第二页，请重新上传。", now=award.world.now
    )
    await sign_contract(award.world, await award.contract(), award.owner)
    await award.world.settle()
    assert (await contract_by_number(number)).state is State.IN_FORCE
    assert await acts_of(award.number, "contract.documented") == 1


async def test_anybody_can_check_a_file_on_the_page(award: Award, client: Visitor, sign_in: SignIn) -> None:
    made = await signed(award)
    contract, pdf = await award.contract(), await content(award, made)
    page = await client.get(f"{contract.url}/verify")
    assert page.status_code == 200
    assert made.sha256 in page.text
    assert contract.owner_name in page.text
    assert (contract.owner_signer or "?") not in page.text
    shown = await client.send_form(f"{contract.url}/verify", files={"file": ("合同.pdf", pdf, "application/pdf")})
    assert "该文件即为本合同，未经改动" in shown.text
    foreign = await client.send_form(
        f"{contract.url}/verify", files={"file": ("x.pdf", b"%PDF-1.7 x", "application/pdf")}
    )
    assert "无法按 PDF 读取" in foreign.text
    own = await (await sign_in(award.owner)).get(f"{contract.url}/documents/{made.id}")
    assert own.content == pdf
    assert own.headers["content-disposition"].startswith("attachment")


async def test_paper_goes_by_the_pages(award: Award, sign_in: SignIn) -> None:
    contract = await award.run_past_notice()
    agency, owner = await sign_in(award.winner), await sign_in(award.owner)
    form = {"terms_sha256": contract.terms_sha256, "agree": "on"}
    sent = await agency.send_form(
        f"{contract.url}/paper", form, files={"file": (SCAN.name, SCAN.content, "application/pdf")}
    )
    assert sent.status_code == 303
    page = await owner.get(f"{contract.url}/paper")
    assert SCAN.sha256 in page.text
    refused = await owner.send_form(f"{contract.url}/paper/answer", {"answer": "refuse"})
    assert refused.status_code == 422
    answer = {"answer": "confirm", "sha256": SCAN.sha256, **form}
    assert (await owner.send_form(f"{contract.url}/paper/answer", answer)).status_code == 303
    assert (await contract_by_number(contract.number)).state is State.IN_FORCE


async def test_a_stranger_verifies_it_with_the_published_certificates_alone(award: Award, client: Visitor) -> None:
    """Nothing of ours: the file, what /contracts/authority.pem gives, and the library as anybody uses it."""
    pdf = await content(award, await signed(award))
    published = await client.get("/contracts/authority.pem")
    assert published.headers["content-type"] == "application/x-pem-file"
    found = await asyncio.to_thread(validate_from_outside, pdf, published.content)
    assert [(one.bottom_line, one.coverage.name) for one in found] == [
        (True, "ENTIRE_REVISION"),
        (True, "ENTIRE_FILE"),
    ]


def validate_from_outside(pdf: bytes, pem: bytes) -> list[Any]:
    roots = list(load_certs_from_pemder_data(pem))
    status = []
    for one in PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures:
        context = ValidationContext(trust_roots=roots, moment=one.self_reported_timestamp)
        status.append(validate_pdf_signature(one, context, ts_validation_context=context))
    return status
