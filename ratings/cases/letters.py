"""Official letters of a case: the notice, the decision, the decision on an appeal and on a repair; one text for the page,
for paper and for the typeset file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from market.catalogue.rules import Rulebook
from market.kernel.calendar import BEIJING, beijing_date, end_text
from market.kernel.errors import Message, NotFound
from market.kernel.i18n import N_
from market.kernel.typesetting import typeset
from market.register.queries import Entry, history_of
from projects.contracts.documents.paper import qr_svg, said
from ratings.cases.actions.rows import last_day
from ratings.cases.queries import CaseView
from ratings.cases.rules import Measure, Party
from ratings.cases.words import measure_text
from ratings.credit.rules import points_text
from ratings.credit.rules.score import HUNDRED

KINDS: Final = ("notice", "decision", "talk", "report", "appeal", "repair")
_ACTS: Final = {
    "notice": "case.notified",
    "decision": "case.decided",
    "talk": "case.talk_set",
    "report": "case.decided",
    "appeal": "case.appeal_decided",
    "repair": "case.repair_decided",
}
Lines = tuple[Message, ...]


@dataclass(frozen=True)
class Section:
    title: str
    paragraphs: Lines


@dataclass(frozen=True)
class Letter:
    """`act`: the register entry that the letter tells of; `issuer`: the authority that signs it."""

    kind: str
    title: str
    number: str
    issuer: str
    to: str
    to_code: str
    at: datetime
    sections: tuple[Section, ...]
    act: Entry


async def letter(found: CaseView, kind: str, points: int, book: Rulebook) -> Letter:
    """`points`: what the breach costs by the case's rulebook, in whole points. Raises NotFound before its act."""
    acts = [one for one in await history_of(found.number) if one.kind == _ACTS.get(kind)]
    if not acts or (kind == "report" and found.measure_kind is not Measure.REPORT):
        raise NotFound
    title, sections = _MAKERS[kind](found, _points(found, points, book))
    return Letter(
        kind,
        title,
        found.number,
        _issuer(found, kind),
        superior_of(found) if kind == "report" else found.firm_name,
        "" if kind == "report" else found.firm_code,
        acts[-1].at,
        sections,
        acts[-1],
    )


def superior_of(found: CaseView) -> str:
    """The market does not know its name; the letter is addressed as such letters are."""
    return f"{found.firm_name}上级主管部门"


def _issuer(found: CaseView, kind: str) -> str:
    named = {"decision": found.judge_name, "appeal": found.appeal_authority}
    return named.get(kind) or found.authority_name


def _words(text: str) -> Message:
    return Message("{words}", {"words": text})


def _breach(found: CaseView) -> Section:
    return Section(N_("Facts"), (
        Message(N_("What you are accused of: {title}. It happened on {day}."),
                {"title": Message(found.ground.title), "day": found.occurred_on.isoformat()}),
        _words(found.facts),
    ))  # fmt: skip


def _evidence(found: CaseView) -> Section:
    lines = [
        Message(N_("File “{name}”, SHA-256 {hash}"), {"name": file.name, "hash": file.sha256})
        for file in found.files_of("evidence")
    ]
    lines += [Message(N_("Register entry {number} of {day}"), {"number": one.entry.written, "day": beijing_date(one.entry.at).isoformat()})
              for one in found.proofs]  # fmt: skip
    return Section(
        N_("Evidence of the facts"), tuple(lines) or (Message(N_("None besides the facts as they are described.")),)
    )


def _law(found: CaseView) -> Section:
    return Section(N_("Provision it rests on"), (_words(found.legal_cause),))


def _notice(found: CaseView, points: Lines) -> tuple[str, tuple[Section, ...]]:
    assert found.proposed is not None
    assert found.defence_due_at is not None
    rights = (
        Message(N_("You may state your view and defend yourself until the end of {day} (Beijing time), on the market's page of this case, with files. You may ask to be heard in person; then nothing is decided against you before the hearing."),
                {"day": last_day(found.defence_due_at)}),
        Message(N_("Only the evidence named here may be used against you. Whoever recorded the facts does not decide. Your defence is never held against you.")),
    )  # fmt: skip
    considered = (
        Message(
            N_("The following measure is considered: {measure}."),
            {"measure": measure_text(found.proposed, found.party)},
        ),
        *points,
    )
    return N_("Notice before a decision"), (
        _breach(found), _evidence(found), _law(found), Section(N_("What is considered"), considered), Section(N_("Your rights"), rights),
    )  # fmt: skip


def _points(found: CaseView, points: int, book: Rulebook) -> Lines:
    """What is taken off the credit account, and the rule that says so."""
    if not points or found.ground.deducts is None:
        return ()
    text = N_("{points} points are taken off your credit account, by {rule}.")
    return (Message(text, {"points": points_text(points * HUNDRED), "rule": book.cited(found.ground.deducts)}),)


def _decision(found: CaseView, points: Lines) -> tuple[str, tuple[Section, ...]]:
    if found.outcome == "unfounded":
        closed = (Message(N_("Nothing was found against you. The case is closed.")), _words(found.reasons))
        return N_("Notice that a case is closed"), (Section(N_("Decision"), closed),)
    assert found.decided is not None
    assert found.appeal_due_at is not None
    heard = Message(N_("You stated your view {count} times, and it was weighed."), {"count": len(found.statements)}) if found.statements \
        else Message(N_("You did not state a view in the time you had."))  # fmt: skip
    appeal = (
        Message(N_("You may appeal until the end of {day} (Beijing time). A third person decides, and never makes the measure harder. The appeal does not put the measure off."),
                {"day": last_day(found.appeal_due_at)}),
        Message(N_("Against a decision the law also allows an administrative review or an action at the people's court, where it provides for them.")),
    )  # fmt: skip
    return N_("Written decision"), (
        _breach(found), Section(N_("Your defence"), (heard,)), Section(N_("Reasons"), (_words(found.reasons),)), _law(found),
        Section(N_("Decision"), _ordered(found, points)), Section(N_("If you do not agree"), appeal),
    )  # fmt: skip


_OWNERS_PAUSE: Final = N_("No notice can be published until {day} (Beijing time). Projects that are published go on.")
_EFFECTS: Final = {
    Party.AGENCY: N_("No new sign-ups are possible until {day} (Beijing time); open ones are left out when their pool is frozen. Contracts in force go on."),
    Party.OWNER: _OWNERS_PAUSE, Party.PERSON: _OWNERS_PAUSE,
    Party.EXPERT: N_("You are not drawn for panels until {day} (Beijing time). Panels that you belong to go on."),
}  # fmt: skip


def _ordered(found: CaseView, points: Lines) -> Lines:
    assert found.decided is not None
    lines = [
        Message("{measure}", {"measure": measure_text(found.decided.sanction, found.party)}),
        *points,
    ]
    if found.decided.until_at is not None:
        lines.append(Message(_EFFECTS[found.party], {"day": end_text(found.decided.until_at)}))  # fmt: skip
    if found.decided.sanction.measure is Measure.RESTRICTED:
        lines.append(
            Message(
                N_("This is the platform's own restricted list. It is not the statutory list of serious violators.")
            )
        )
    if found.decided.sanction.measure is Measure.TALK:
        lines.append(
            Message(
                N_("You are invited to a talk; {authority} tells you when and where, until {day} at the latest."),
                {"authority": found.authority_name, "day": _day(found.talk_due_at)},
            )
        )
    if found.published_at is not None and found.publish_until is not None:
        lines.append(
            Message(N_("The decision is published until {day} (Beijing time)."), {"day": end_text(found.publish_until)})
        )
    return tuple(lines)


def _talk(found: CaseView, points: Lines) -> tuple[str, tuple[Section, ...]]:
    assert found.talk is not None
    when = Message(N_("{at} (Beijing time)"), {"at": found.talk.talk_at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")})
    duties = (
        Message(N_("The legal representative, or whoever was given authority in writing, comes with proof of identity and tells what has been put right.")),
        Message(N_("Minutes are kept and signed by both sides. Whoever cannot come says so in time; another day is set.")),
    )  # fmt: skip
    return N_("Invitation to a talk"), (
        Section(N_("Why"), (Message(N_("By the decision of {day} on: {title}."), {"day": _day(found.decided_at), "title": Message(found.ground.title)}),)),
        Section(N_("When and where"), (when, _words(found.talk.place))), Section(N_("What is asked of you"), duties),
    )  # fmt: skip


def _report(found: CaseView, points: Lines) -> tuple[str, tuple[Section, ...]]:
    """To whoever stands above the owner: only that authority can do more than the market may."""
    asked = Message(
        N_(
            "Please take note and see to it that the party keeps to the rules; we would be glad to learn of the outcome."
        )
    )
    return N_("Report to the superior authority"), (
        _breach(found), Section(N_("Reasons"), (_words(found.reasons),)), _law(found), Section(N_("What we ask"), (asked,)),
    )  # fmt: skip


def _day(moment: datetime | None) -> str:
    return beijing_date(moment).isoformat() if moment else ""


def _appeal(found: CaseView, points: Lines) -> tuple[str, tuple[Section, ...]]:
    texts = {
        "upheld": N_("The appeal is rejected; the decision stands."), "changed": N_("The appeal is granted in part; the decision is changed."),
        "annulled": N_("The appeal is granted; the decision is annulled. Points, standing and publication are put back as if it had not been taken."),
    }  # fmt: skip
    lines = [Message(texts[found.appeal_outcome or ""])]
    if found.appeal_outcome == "changed" and found.measure is not None:
        lines.append(Message(N_("Instead: {measure}."), {"measure": measure_text(found.measure.sanction, found.party)}))
    return N_("Written decision on an appeal"), (
        Section(N_("Your appeal"), (_words(found.appeal),)), Section(N_("Reasons"), (_words(found.appeal_reasons),)),
        Section(N_("Decision"), tuple(lines)),
    )  # fmt: skip


def _repair(found: CaseView, points: Lines) -> tuple[str, tuple[Section, ...]]:
    assert found.repair is not None
    granted = found.repair.outcome == "granted"
    text = N_("The repair is granted: the measure ends and the decision is not published any more. Points stay until they expire.") \
        if granted else N_("The repair is refused. You may ask again when what is missing is put right.")  # fmt: skip
    return N_("Written decision on credit repair"), (
        Section(N_("What you put right"), (_words(found.repair.correction), _words(found.repair.pledge))),
        Section(N_("Reasons"), (_words(found.repair.reasons),)), Section(N_("Decision"), (Message(text),)),
    )  # fmt: skip


_MAKERS: Final[dict[str, Callable[[CaseView, Lines], tuple[str, tuple[Section, ...]]]]] = {
    "notice": _notice, "decision": _decision, "talk": _talk, "report": _report, "appeal": _appeal, "repair": _repair,
}  # fmt: skip


async def letter_pdf(one: Letter, *, address: str, bilingual: bool) -> bytes:
    """The same letter gives the same bytes. `address`: where it can be checked."""
    return await typeset("cases/letter.typ", _paper(one, address, bilingual=bilingual))


def _line(one: Message) -> dict[str, str]:
    """What somebody wrote stands there once, in the language in which it was written."""
    both = said(one.text, **one.facts)
    return both if both["zh"] != both["en"] else {"zh": both["zh"], "en": ""}


def _paper(one: Letter, address: str, *, bilingual: bool) -> dict[str, Any]:
    on = beijing_date(one.at)
    return {
        "language": "zh-en" if bilingual else "zh",
        "title": said(one.title),
        "number": one.number,
        "issuer": one.issuer,
        "date": [on.year, on.month, on.day],
        "foot": f"SHA-256 {one.act.sha256[:16]}…{one.act.sha256[-8:]}",
        "to": one.to,
        "to_code": one.to_code,
        "sections": [
            {"title": said(part.title), "paragraphs": [_line(one) for one in part.paragraphs]} for part in one.sections
        ],
        "hash": one.act.sha256,
        "qr": qr_svg(address),
        "address": address,
        "verify": said(
            N_("Scan or open this address to check this letter; its register entry proves when it was made")
        ),
        "hash_label": said(N_("Fingerprint of the register entry (SHA-256)")),
    }
