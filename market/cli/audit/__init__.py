"""`python -m market register audit`: the register against itself, then every act against the tables, as of one moment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from market.cli.audit import (
    agencies,
    bids,
    cases,
    changes,
    complaints,
    credit,
    desk,
    disputes,
    ends,
    experts,
    fair_payment,
    flags,
    fulfilment,
    live,
    payments,
    projects,
    selection,
    tips,
)
from market.cli.audit.comparing import Comparer, compare
from market.kernel.db import execute, require_transaction, transaction
from market.register.audit import Finding, audit_log

COMPARERS: tuple[Comparer, ...] = (
    agencies.CALENDAR, *projects.COMPARERS, *selection.COMPARERS, *live.COMPARERS, *bids.COMPARERS, *complaints.COMPARERS,
    *experts.COMPARERS, *changes.COMPARERS, *fulfilment.COMPARERS, *ends.COMPARERS, *credit.COMPARERS, *disputes.COMPARERS, *flags.COMPARERS, *cases.COMPARERS, *payments.COMPARERS, *tips.COMPARERS, *fair_payment.COMPARERS, *desk.COMPARERS,
)  # fmt: skip
Check = Callable[[], Awaitable[list[Finding]]]
CHECKS: tuple[Check, ...] = (
    *(partial(compare, comparer) for comparer in COMPARERS), agencies.check_agencies, projects.check_projects,
    selection.check_sign_ups, selection.check_rounds, bids.check_owners, bids.check_standing, complaints.check_grounds, disputes.check_words,
    credit.check_imported_lists, credit.check_scores, fulfilment.check_sealed_marks, live.check_live_bids, experts.check_experts, experts.check_panels, experts.check_proposals,
    flags.check_reasons, cases.check_cases, payments.check_books, tips.check_words,
)  # fmt: skip


def _quiet(done: int = 0) -> None:
    """Nobody watches."""


async def audit_market(
    *, seen: Sequence[str] = (), leaf: Callable[[int], None] = _quiet, check: Callable[[], None] = _quiet
) -> list[Finding]:
    """Everything that is altered, missing or extra; nothing where all is well. `seen`: checkpoints kept elsewhere.
    `leaf` gets the number of leaves walked, `check` is called after each comparison of acts with tables."""
    async with transaction():
        await execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return await audit_here(seen=seen, leaf=leaf, check=check)


async def audit_here(
    *, seen: Sequence[str] = (), leaf: Callable[[int], None] = _quiet, check: Callable[[], None] = _quiet
) -> list[Finding]:
    """The same inside of a transaction that is open already and sees one state throughout."""
    require_transaction()
    found = await audit_log(leaf, seen)
    for one in CHECKS:
        try:
            found += await one()
        except (LookupError, TypeError, ValueError, AttributeError) as problem:
            # Acts or rows were bent out of all shape; which entries that were, the log has told already.
            found.append(Finding("altered", "register_entry", "?", f"acts cannot be compared with tables: {problem!r}"))
        check()
    return found
