"""The people of the demonstration market, for the page that lists them. Invented, and refused by a market that is not
a demonstration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from market.kernel.i18n import N_

PASSWORD: Final = "mingxuan-demo-2026"  # noqa: S105  (public on purpose: only the demonstration knows these accounts)


@dataclass(frozen=True)
class DemoAccount:
    """`role`: the heading under which it stands; `who` and `try_it`: message ids."""

    login: str
    role: str
    who: str
    try_it: str


OWNERS: Final = N_("I need a service")
AGENCIES: Final = N_("I am an agency")
SUPERVISION: Final = N_("I review, supervise or run the market")

DEMO_ACCOUNTS: Final = (
    DemoAccount("owner1", OWNERS, N_("Public body, all roles"),
                N_("Post a project, sign a contract that waits, accept a delivery, rate an agency.")),
    DemoAccount("owner1b", OWNERS, N_("The same public body, handler only"),
                N_("Prepare a notice and see what only a signatory may do.")),
    DemoAccount("owner2", OWNERS, N_("Enterprise"), N_("Follow a running draw and answer a delivery.")),
    DemoAccount("person1", OWNERS, N_("Natural person"), N_("Post a small project of one's own.")),
    DemoAccount("agency1", AGENCIES, N_("Admitted agency with a good record"),
                N_("Find open notices, see line by line whether it may sign up, and sign up.")),
    DemoAccount("agency2", AGENCIES, N_("Admitted agency with contracts"),
                N_("Sign a contract, deliver results, read its credit statement.")),
    DemoAccount("agency3", AGENCIES, N_("Agency in trouble"),
                N_("See why it may not sign up now, and what it can do about it.")),
    DemoAccount("expert1", SUPERVISION, N_("Review expert"), N_("Accept a panel's invitation, read offers and mark them.")),
    DemoAccount("regulator1", SUPERVISION, N_("Regulator of the whole city"),
                N_("Watch time limits, record facts for a case, decide on the red list.")),
    DemoAccount("regulator1b", SUPERVISION, N_("The same regulator, second person"),
                N_("Decide a case whose facts the first one recorded.")),
    DemoAccount("regulator2", SUPERVISION, N_("Housing department of one district"),
                N_("See that only its own district and industry are shown.")),
    DemoAccount("operator1", SUPERVISION, N_("Operator"), N_("Review entries, answer objections, correct the calendar.")),
    DemoAccount("operator2", SUPERVISION, N_("Operator, second person"), N_("Handle what the first one may not decide alone.")),
)  # fmt: skip
