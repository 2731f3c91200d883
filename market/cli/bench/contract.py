"""Contracts typeset, signed by both sides and verified, against the bare libraries: one compilation, two signatures with
neither picture nor timestamp, two validations. Processor time."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from time import process_time
from typing import Any, Final

from cryptography import x509

from market.catalogue.rules import Wording
from market.cli.bench.harness import Contest, Measurement, compare
from market.cli.bench.progress import Progress
from market.kernel.money import BASIS_POINTS
from market.kernel.typesetting import typeset_now
from projects.contracts.clauses import composed
from projects.contracts.documents.paper import SIGNATURE_BOXES, contract_pdf, paper_of
from projects.contracts.rules import Side
from projects.contracts.signing.authority import Holder, Signatory, new_authority, new_signatory, new_timestamp
from projects.contracts.signing.signatures import FIELDS, Signing, find_signatures, plain, sign_pdf, signer_of
from projects.contracts.terms import Acceptance, Award, Milestone, Party, Payment, Terms

CONTRACTS: Final = 5  # a run
AIM: Final = 0.3
NOW: Final = datetime(2026, 7, 1, tzinfo=UTC)
ADDRESS: Final = "https://market.example/contracts/MX-2026-000001-C1/verify"
_OWNER: Final = Party("11370200MB0000001X", "青岛市市北区住房和城乡建设局", "高洁", "青岛市市北区延吉路 80 号")
_AGENCY: Final = Party("91370200MA3C0000XX", "青岛海岳勘测设计有限公司", "林海", "青岛市崂山区香港东路 20 号")


def some_terms(number: int) -> Terms:
    """A contract of two milestones with its wording; each number gives another."""
    price = 26_800_000 + number
    milestones = (
        Milestone(1, "外业测量及初步成果", 3_000, price * 3_000 // BASIS_POINTS, 6),
        Milestone(2, "全部成果报告", 7_000, price - price * 3_000 // BASIS_POINTS, 9),
    )
    terms = Terms(
        contract=f"MX-2026-{number:06d}-C1", project=f"MX-2026-{number:06d}", title="市北区河道整治工程测量", owner=_OWNER, agency=_AGENCY,
        service_items=("C001",), content="河道两岸 1:500 地形图测量，控制点布设，成果报告及电子数据。", scale="河道长 3.2 公里", other_requirements="",
        practitioners_needed=2, price_fen=price, service_days=15, acceptance=Acceptance(10, (3, 7), 2, 5),
        award=Award(1, "0" * 64, "0" * 64, "2026-06-20T04:00:00Z"), sign_due_at="2026-07-04T16:00:00Z", rulebook="2025-1",
        catalogue="2025-1", service_classes=("C",), milestones=milestones, payment=Payment(30, 5), supplement_max=1_000,
    )  # fmt: skip
    return composed(terms, [Wording("工程测量", "Engineering surveying")])


class Parties:
    """Who signs, under which certificates."""

    def __init__(self) -> None:
        self.authority = new_authority("market", now=NOW)
        self.timestamp = new_timestamp(self.authority, "market", now=NOW)
        self.holders = {
            side: new_signatory(self.authority, Signatory("高洁", party.name, party.code), now=NOW)
            for side, party in ((Side.OWNER, _OWNER), (Side.AGENCY, _AGENCY))
        }

    @property
    def roots(self) -> Sequence[x509.Certificate]:
        return [self.authority.certificate]

    def signings(self) -> list[Signing]:
        return [
            Signing(side, holder, NOW, SIGNATURE_BOXES[side], "已在中介超市签署", (("签署人", "高洁"),))
            for side, holder in self.holders.items()
        ]


async def make_contracts(terms: Sequence[Terms], parties: Parties) -> float:
    """As the market makes them: typeset, signed with picture and timestamp, read again. Contracts a second."""
    started = process_time()
    for one in terms:
        text = await contract_pdf(one, issuer="明选", address=ADDRESS)
        signed = await sign_pdf(text, parties.signings(), timestamp=parties.timestamp)
        found = await find_signatures(signed, parties.roots)
        if len(found) != len(Side) or not all(one.holds for one in found):
            raise RuntimeError("a contract of the bench does not verify")
    return len(terms) / (process_time() - started)


async def bare_libraries(terms: Sequence[Terms], parties: Parties) -> float:
    started = process_time()
    for one in terms:
        text = typeset_now("contracts/contract.typ", paper_of(one, issuer="明选", address=ADDRESS))
        await asyncio.to_thread(_run, text, parties)
    return len(terms) / (process_time() - started)


def _run(pdf: bytes, parties: Parties) -> None:
    asyncio.run(_sign_and_validate(pdf, parties))


async def _sign_and_validate(pdf: bytes, parties: Parties) -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import async_validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    for side, holder in parties.holders.items():
        pdf = await _sign(pdf, FIELDS[side], holder)
    context = ValidationContext(trust_roots=[plain(one) for one in parties.roots], allow_fetching=False)
    for embedded in PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures:
        await async_validate_pdf_signature(embedded, signer_validation_context=context)


async def _sign(pdf: bytes, field: str, holder: Holder) -> bytes:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers

    meta = signers.PdfSignatureMetadata(field_name=field, md_algorithm="sha256")
    out: Any = await signers.async_sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), meta, signer=signer_of(holder))
    signed: bytes = out.getvalue()
    return signed


async def measure(runs: int, progress: Progress) -> Measurement:
    terms, parties = [some_terms(number) for number in range(1, CONTRACTS + 1)], Parties()

    async def product() -> float:
        return await make_contracts(terms, parties)

    async def floor() -> float:
        return await bare_libraries(terms, parties)

    with progress.counting("contract", runs + 1) as step:
        parts = await compare([Contest("contract", product, floor)], runs=runs, step=step)
    return Measurement("contract", "PDFs/s", AIM, runs, parts)
