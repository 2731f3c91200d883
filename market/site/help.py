"""Help for clerks: one topic a task, in steps, each step said as one says it on the telephone. The pictures are taken from
the demonstration market by `python -m tests.browser.screenshots`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from market.kernel.i18n import N_
from market.web.viewer import OWNER_KINDS, Viewer


@dataclass(frozen=True)
class HelpStep:
    """`picture`: the name of frontend/img/help-NAME.LOCALE.png. `days`: placeholder of the text -> key of the rulebook."""

    title: str
    text: str
    picture: str | None = None
    days: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Topic:
    """`begin`: where the task itself is done; `kinds`: the kinds of account that may open it, none meaning everybody. All words
    are message ids."""

    slug: str
    who: str
    title: str
    lead: str
    steps: tuple[HelpStep, ...]
    begin: tuple[str, str]
    kinds: frozenset[str] = frozenset()

    def open_to(self, viewer: Viewer) -> bool:
        """Whether the viewer may go on to the task. Who is not signed in is asked to, and may well have the right account."""
        return viewer.is_anonymous or not self.kinds or viewer.organisation_kind in self.kinds


OWNERS, AGENCIES, BOTH, EVERYBODY = (
    N_("For owners"),
    N_("For agencies"),
    N_("For owners and agencies"),
    N_("For everybody"),
)

_TOPICS = (
    Topic(
        "post-a-project", OWNERS, N_("Post a project"),
        N_("From an empty form to a published notice. Have at hand: what you need done, the place, the money, the deadline."),
        (
            HelpStep(N_("Open a draft"), N_("Choose “Post a project” on your work bench. Everything you type is saved by itself; you can leave and come back, and a colleague can go on.")),
            HelpStep(N_("Fill in the sections"), N_("The list at the side shows which sections are complete. Under each question stands why it is asked. A rule that your answers break is named at once, with what to do."), "post"),
            HelpStep(N_("Choose the method of selection"), N_("Each method says when it may be used and what decides. If you are not sure, take the draw among all who sign up: it needs no judgement from you.")),
            HelpStep(N_("Check your answers and publish"), N_("A signatory sees everything once more as the public will see it. Publishing cannot be undone; a notice can only be amended or withdrawn in the open, with a reason.")),
        ),
        ("/owner/projects", N_("Post a project")), OWNER_KINDS,
    ),
    Topic(
        "enter-the-market", AGENCIES, N_("Enter the market as an agency"),
        N_("Once, free of charge, at any time; then every notice is open to you that your qualifications allow."),
        (
            HelpStep(N_("Open an account"), N_("With your unified social credit code. Whoever opens it may give colleagues accounts of their own afterwards.")),
            HelpStep(N_("Fill in the application"), N_("Licence, qualifications, practitioners, authorised persons, services. Photographs of the certificates are enough if every word can be read.")),
            HelpStep(N_("Correct what comes back"), N_("The operator answers within {review}. What is wrong comes back item by item with its reason; what was accepted stays accepted."), None, {"review": "entry.review_days"}),
            HelpStep(N_("Wait for the end of the notice"), N_("Your entry is shown to the public for {notice}. Without an objection you are admitted by itself."), None, {"notice": "entry.notice_days"}),
        ),
        ("/agency/entry", N_("My application")), frozenset({"agency"}),
    ),
    Topic(
        "sign-up", AGENCIES, N_("Find a notice and sign up"),
        N_("Everything is decided by the notice; who comes first has no advantage."),
        (
            HelpStep(N_("Find a notice"), N_("Type a word, a place or a part of a name into the search box, in Chinese or in pinyin. Your work bench lists the open notices for the services you offer.")),
            HelpStep(N_("See whether you may take part"), N_("The notice says line by line what was looked at, which rule decided and, where something is missing, what you can do about it."), "sign-up"),
            HelpStep(N_("Sign up"), N_("Choose the authorised person and, where they are asked for, the practitioners. You get a receipt with its number in the public register. Until the deadline you may withdraw without harm.")),
        ),
        ("/projects?stage=sign_up&sort=closing", N_("Open notices")),
    ),
    Topic(
        "seal-a-bid", AGENCIES, N_("Hand in a sealed bid"),
        N_("Nobody can open your bid before its time, not even we: its key does not exist yet."),
        (
            HelpStep(N_("Type your price"), N_("Your browser seals it before anything is sent. What leaves your computer cannot be read by anybody until the opening.")),
            HelpStep(N_("Keep the receipt"), N_("It names the time, the number and the hash of what you sealed. With it you can prove later what you handed in.")),
            HelpStep(N_("Replace or withdraw it"), N_("As often as you like until the deadline; the last one counts. After the deadline nothing can be changed.")),
            HelpStep(N_("Watch the opening"), N_("All bids open at the same moment by a public random number. The page shows every price, the arithmetic and the result; press “Re-compute in my browser” to check it yourself."), "draw"),
        ),
        ("/projects?stage=sign_up&sort=closing", N_("Open notices")),
    ),
    Topic(
        "sign-a-contract", BOTH, N_("Sign the contract"),
        N_("The contract is filled from the notice and the result; nothing can be slipped in."),
        (
            HelpStep(N_("Read it"), N_("It waits on both work benches after the notice of the result. What differs from the notice is marked; there should be nothing."), "contract"),
            HelpStep(N_("Sign within {days}"), N_("A signatory signs with the password and, where one is set up, the code of the second factor. Who does not sign in time loses the job, or the winner."), None, {"days": "contract.sign_days"}),
            HelpStep(N_("Keep the document"), N_("When both have signed, the contract can be downloaded as a PDF with both signatures and a time stamp. Any reader of PDF files can check them.")),
        ),
        ("/workbench", N_("My work bench")),
    ),
    Topic(
        "deliver-and-accept", BOTH, N_("Deliver, accept, return"),
        N_("What was agreed, until when, and what happens if nobody answers."),
        (
            HelpStep(N_("Deliver"), N_("The agency uploads the results of each milestone. The moment of the upload counts, not that of the answer."), "deliver"),
            HelpStep(N_("Accept or return"), N_("The owner answers within {days}. A return needs a reason for each thing that is wrong. Silence counts as acceptance after three reminders."), None, {"days": "acceptance.silence_days"}),
            HelpStep(N_("If you cannot agree"), N_("Either side may ask for a suspension, a change of the contract or a ruling on the milestone; the page of the project offers what is possible now.")),
        ),
        ("/workbench", N_("My work bench")),
    ),
    Topic(
        "pay", OWNERS, N_("Pay the agency"),
        N_("In time, to the right account, and with a trace."),
        (
            HelpStep(N_("See what is due"), N_("Your work bench lists what has to be paid and until when. The clock runs from the accepted delivery."), "pay"),
            HelpStep(N_("Pay with Alipay or by bank transfer"), N_("With Alipay the payment is known here at once. After a bank transfer enter its number and the day; the agency confirms that the money has come.")),
            HelpStep(N_("If you are late"), N_("Interest runs by law from the day after. What stays overdue is listed in public until it is paid.")),
        ),
        ("/workbench", N_("My work bench")),
    ),
    Topic(
        "check-a-result", EVERYBODY, N_("Check a result yourself"),
        N_("You need no account and need not trust us."),
        (
            HelpStep(N_("Open the result"), N_("Each result names its list of entrants, frozen before the random number was known, and the number itself.")),
            HelpStep(N_("Press “Re-compute in my browser”"), N_("Your own browser repeats the whole computation. The red seal appears only if it comes to the same result."), "check"),
            HelpStep(N_("Check the record"), N_("Every act has a number in the public register. Its proof shows that nothing was taken away or put in between since.")),
        ),
        ("/results", N_("Results")),
    ),
    Topic(
        "object-and-complain", EVERYBODY, N_("Object, complain, give a tip"),
        N_("Three ways, one for each case; none of them can be lost."),
        (
            HelpStep(N_("Object to a result"), N_("Who took part may object within {days} from the page of the project. Until it is answered the contract cannot be signed."), None, {"days": "result.notice_days"}),
            HelpStep(N_("Complain"), N_("If the answer does not satisfy you, the regulator decides. Everybody who is signed in may complain about a project, a firm, an expert or an official act."), "complain"),
            HelpStep(N_("Give a tip without your name"), N_("You get a code. With it alone you can read the answer and add something; nobody can find out who you are from it.")),
        ),
        ("/complaints", N_("Ask or complain")),
    ),
    Topic(
        "credit-and-defence", AGENCIES, N_("Your credit, and how to defend yourself"),
        N_("An account like that of a bank: every line has its day, its reason and its proof."),
        (
            HelpStep(N_("Read your statement"), N_("Each event names the act, the rule and the points, and when it expires. The sum is your score; anybody can compute it again."), "credit"),
            HelpStep(N_("Reply to a bad rating"), N_("Within {days} after it is published. Your reply stands beside it for good."), None, {"days": "rating.reply_days"}),
            HelpStep(N_("Answer a case"), N_("Before anything is decided you are told the facts and the evidence, and you have time to answer. Another person than the one who recorded the case decides; against that you may appeal.")),
            HelpStep(N_("Repair"), N_("After some time you may correct the fault, pledge, and ask that the publication ends.")),
        ),
        ("/credit", N_("How credit is computed")),
    ),
)  # fmt: skip
TOPICS: Final[Mapping[str, Topic]] = {topic.slug: topic for topic in _TOPICS}
PICTURES: Final = frozenset(step.picture for topic in _TOPICS for step in topic.steps if step.picture)
