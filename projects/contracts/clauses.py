"""The wording of a contract, made from its terms: general articles, the clauses of the service's class, special terms.

English is the message id, Chinese comes from the catalogue and decides where the two differ. The result is stored
with the terms and signed with them; nothing here is read again for a contract that exists.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from market.catalogue.rules import Wording
from market.kernel.capitals import in_capitals
from market.kernel.errors import Message
from market.kernel.i18n import N_, speaking
from market.kernel.money import BASIS_POINTS, Money
from market.web.display import percent, say
from projects.contracts.terms import Article, Milestone, Terms, Words

_NUMERALS: Final = "一二三四五六七八九十"
Draft = tuple[str, list[Message]]

_PREAMBLE = Message(
    N_(
        "Under the Civil Code of the People's Republic of China and the rules of this market, Party B having been selected"
        " in public (selection {no} of project {number}) and the result having become final without an open objection,"
        " both sides agree as follows."
    )
)

# What the class of a service adds to the general articles (classes as in the catalogue).
CLASS_CLAUSES: Final[dict[str, tuple[str, ...]]] = {
    "A": (
        N_("Party B works independently and objectively. Its conclusions rest on facts, calculations and the standards in force; Party A does not prescribe them."),
        N_("Where an approving authority asks for corrections of the report, Party B makes them without further pay until the report passes, unless Party A's materials or wishes caused them."),
    ),
    "B": (
        N_("Documents meet the mandatory standards of engineering construction and the depth that is prescribed for them, and carry the seals and signatures that the law requires."),
        N_("Party B explains its documents before construction begins, and takes part in settling questions of its field until the works are handed over."),
    ),
    "C": (
        N_("Measurements use the national coordinate and height systems and calibrated instruments in their period of validity; results are inspected at two levels before delivery."),
        N_("Party B keeps surveying results that are state secrets as the law prescribes, and hands in copies of results where it is bound to."),
    ),
    "D": (
        N_("Samples are taken, kept and tested by the methods in force within the scope of Party B's accreditation; reports carry its mark and the signatures of those authorised to sign."),
        N_("Party B keeps raw records and reports traceable for the time that is prescribed, and answers for the truth of its data and results for good."),
    ),
    "E": (
        N_("Party B performs the service with the diligence of its profession, and its results meet the norms that apply to it."),
        N_("Party B keeps working papers for the time that its profession prescribes, and lets Party A see those that concern the service."),
    ),
}  # fmt: skip


def composed(terms: Terms, items: Sequence[Wording]) -> Terms:
    """The same terms with their wording. `items`: the names of the service items, in the order of the terms."""
    articles = [
        article(no, title, paragraphs, milestones=title == _MILESTONES)
        for no, (title, paragraphs) in enumerate(_drafts(terms, items), 1)
    ]
    facts = {"no": terms.award.round_no, "number": terms.project}
    return replace(terms, preamble=words(Message(_PREAMBLE.text, facts)), articles=tuple(articles))


def article(no: int, title: str, paragraphs: Sequence[Message], *, milestones: bool = False) -> Article:
    """One article in both languages. `milestones`: a table stands below it."""
    return Article(
        Words(f"第{_numeral(no)}条", f"Article {no}"), words(Message(title)), tuple(words(one) for one in paragraphs),
        milestones=milestones,
    )  # fmt: skip


def _numeral(no: int) -> str:
    return _NUMERALS[no - 1] if no <= 10 else f"十{_NUMERALS[no - 11]}"


def words(message: Message) -> Words:
    """The same in both languages."""
    with speaking("zh_CN"):
        chinese = say(message)
    with speaking("en"):
        return Words(chinese, say(message))


def _drafts(terms: Terms, items: Sequence[Wording]) -> Iterator[Draft]:
    yield N_("The service and its results"), _service(terms, items)
    yield N_("Quality and professional responsibility"), _quality(terms)
    yield N_("Time for the service"), _time(terms)
    yield N_("Contract price"), _price(terms)
    yield _MILESTONES, _payment(terms)
    yield N_("Delivery and acceptance"), _acceptance(terms)
    yield N_("Duties of both sides"), _DUTIES
    yield N_("Stops of the clock and more time"), _CLOCK
    yield N_("Changes, supplements and termination"), _changes(terms)
    yield N_("Breach"), _breach(terms)
    yield N_("Disputes"), _DISPUTES
    yield N_("Coming into force, and rules that apply"), _closing(terms)
    if terms.special:
        yield N_("Special terms"), [Message("{words}", {"words": text}) for text in terms.special]


_MILESTONES: Final = N_("Milestones and payment")


def _service(terms: Terms, items: Sequence[Wording]) -> list[Message]:
    names = Wording("、".join(item.zh for item in items), ", ".join(item.en for item in items))
    paragraphs = [
        Message(N_("For the project “{title}” Party B performs: {items}."), {"title": terms.title, "items": names}),
        Message(N_("Content of the service: {content}"), {"content": terms.content}),
    ]
    if terms.scale:
        paragraphs.append(Message(N_("Scale: {scale}"), {"scale": terms.scale}))
    if terms.other_requirements:
        paragraphs.append(Message(N_("Further requirements: {words}"), {"words": terms.other_requirements}))
    if terms.practitioners_needed:
        facts = {"n": terms.practitioners_needed}
        paragraphs.append(Message(N_("Party B employs at least {n} qualified practitioners for it."), facts))
    return paragraphs


def _quality(terms: Terms) -> list[Message]:
    general = N_("The results meet the laws, the mandatory standards in force and the requirements of the published notice. Party B answers for their truth, accuracy and completeness.")  # fmt: skip
    classes = terms.service_classes or ("E",)
    return [
        Message(general),
        *(Message(text) for one in classes for text in CLASS_CLAUSES.get(one, CLASS_CLAUSES["E"])),
    ]


def _time(terms: Terms) -> list[Message]:
    return [
        Message(N_("The time for the whole service is {n} working days, the time of the published result. The day on which the contract comes into force is not counted; the time ends with the last working day."), {"n": terms.service_days}),
        Message(N_("Each milestone has its own part of this time. The time of the first begins when the contract comes into force, that of each further one when the one before it is accepted.")),
    ]  # fmt: skip


def _price(terms: Terms) -> list[Message]:
    amount = Money(terms.price_fen)
    return [
        Message(N_("The price is {price} ({capitals}), taxes included. It is the price of the published result."), {"price": amount, "capitals": in_capitals(amount)}),
        Message(N_("The price is fixed; it covers everything that this contract asks of Party B. Party B takes no other fee, of whatever name, from Party A or from others for this service.")),
    ]  # fmt: skip


def _payment(terms: Terms) -> list[Message]:
    if terms.payment is None:
        return [Message(N_("The service is delivered and paid as follows."))]
    rate = percent(terms.payment.interest_per_day)
    return [
        Message(N_("The service is delivered and paid in {n} milestones as follows."), {"n": len(terms.milestones)}),
        Message(N_("Party A pays for each milestone within {n} calendar days from the delivery that was accepted. It does not make payment depend on audits, on its internal procedures or on payments by others."), {"n": terms.payment.days}),
        Message(N_("Party B hands over a proper invoice. A missing invoice does not hold up payment unless the special terms say so; a late payment bears interest of {rate} of the unpaid amount a day."), {"rate": rate}),
    ]  # fmt: skip


def _acceptance(terms: Terms) -> list[Message]:
    signed = terms.acceptance
    days = " + ".join(str(day) for day in signed.reminder_days)
    return [
        Message(N_("Party B delivers through the market, with a statement on the results and the name of the responsible practitioner where one is required.")),
        Message(N_("Party A accepts a delivery or returns it with itemised reasons within {n} working days. Acceptance does not release Party B from its professional responsibility."), {"n": signed.silence_days}),
        Message(N_("When Party A does not answer, the market reminds it on working days {days} after the delivery; after that its silence counts as acceptance."), {"days": Wording(days.replace(" + ", "、"), days.replace(" + ", " and "))}),
        Message(N_("Each milestone may be returned at most {times} times. After a return Party B has what is left of its time, and at least {n} working days, to correct the delivery."), {"times": signed.returns_max, "n": signed.correction_days}),
    ]  # fmt: skip


_DUTIES: Final = [
    Message(N_("Party A gives Party B the materials and access that the service needs in good time, names a contact, and answers questions within a reasonable time.")),
    Message(N_("Party B performs the service itself. It does not pass it on or lend its name; parts may be given to others only with Party A's consent in writing, and Party B answers for them.")),
    Message(N_("Each side keeps the other's business secrets and personal data. Neither gives nor takes kickbacks or other advantages, also later.")),
    Message(N_("Party A may use the results for the project once they are paid. Rights of authorship remain as the law says.")),
]  # fmt: skip
_CLOCK: Final = [
    Message(N_("The clock of a milestone stops while materials are being corrected, for expert reviews, for tests and sampling, while the site is not ready, and under force majeure, where the other side confirms it on the market or the rules say so.")),
    Message(N_("More time is asked for on the market before the time is over, with reasons; Party A answers there. Time that was not granted is not had.")),
]  # fmt: skip
_DISPUTES: Final = [
    Message(N_("Both sides first talk. Either may ask the market operator to mediate, and turn to the competent authority.")),
    Message(N_("What cannot be settled so is brought before the people's court of the place of performance.")),
]  # fmt: skip


def _changes(terms: Terms) -> list[Message]:
    return [
        Message(N_("Nothing may be agreed that departs from the published result in substance. Changes and supplements are made on the market and signed by both sides; their full history is kept.")),
        Message(N_("Supplements may add at most {share} of the price in all, for services of the same kind."), {"share": percent(terms.supplement_max)}),
        Message(N_("Either side may terminate by agreement, for force majeure, or where the other side fails to perform in spite of a reminder; accepted milestones are paid, work in hand is settled by what was delivered.")),
    ]  # fmt: skip


def _breach(terms: Terms) -> list[Message]:
    return [
        Message(N_("Whoever breaks this contract bears the cost of performance, of cure and of the damage under the Civil Code.")),
        Message(N_("Late delivery, late payment, refusal to perform and false results are recorded as the market's rulebook {rulebook} says, with their effect on credit."), {"rulebook": terms.rulebook}),
        Message(N_("Force majeure relieves as the law says; whoever is hit tells the other side at once and proves it.")),
    ]  # fmt: skip


def _closing(terms: Terms) -> list[Message]:
    versions: dict[str, Any] = {"rulebook": terms.rulebook, "catalogue": terms.catalogue}
    return [
        Message(N_("The contract comes into force when both sides have signed it on the market, and has to be signed within the time that the rulebook sets.")),
        Message(N_("Rulebook {rulebook} and catalogue {catalogue} of the market apply as they stood when the project was published."), versions),
        Message(N_("The published notice, the result and the dossier of the selection are part of this contract. Its electronic form is the original; where languages differ, the Chinese text decides.")),
    ]  # fmt: skip


_ALL_RESULTS = N_("All results of the service")


def signed_milestones(terms: Terms) -> tuple[Milestone, ...]:
    """What was signed; terms from before there were milestones stand for one."""
    return terms.milestones or (only_milestone(terms.price_fen, terms.service_days),)


def only_milestone(price_fen: int, days: int) -> Milestone:
    return Milestone(1, words(Message(_ALL_RESULTS)).zh, BASIS_POINTS, price_fen, days)
