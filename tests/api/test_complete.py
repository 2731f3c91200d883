"""Everything that owners and agencies do on pages programs can do, but for a list of exceptions with reasons."""

from __future__ import annotations

import re
from importlib import import_module

from market.api.acts import ACTS
from tests.architecture.sources import ROOT
from tests.architecture.test_access import AREAS

WHO = ("owner", "colleague", "other_owner", "winning_agency", "other_agency")
# Drafts are begun, saved and discarded by POST, PUT and DELETE of their own.
BY_OTHER_VERBS = {"/owner/drafts", "/owner/drafts/{draft_id:uuid}", "/owner/drafts/{draft_id:uuid}/discard"}


def acts_of_pages() -> set[str]:
    """Every address to which an owner or an agency may post: somebody of them is not simply turned away. Whoever owns
    nothing of the scene gets 404 from what it could do with a thing of its own."""
    found = set()
    for area in AREAS:
        for (method, path), answers in import_module(f"tests.access.{area}").EXPECTATIONS.items():
            if method == "POST" and not path.startswith("/api/"):
                found |= {path} if any(answers.get(who, 403) not in {401, 403} for who in WHO) else set()
    return found


def exceptions() -> dict[str, str]:
    """Address or, ending in …, its beginning -> why; from the table in the documentation."""
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf8").partition("## What people do")[2].partition("\n## ")[0]
    rows = [re.fullmatch(r"\| ((?:`[^`]+`(?:, )?)+) \| (.{10,}) \|", line) for line in text.splitlines()]
    return {address: row[2] for row in rows if row for address in re.findall(r"`([^`]+)`", row[1])}


def covers(exception: str, path: str) -> bool:
    return path.startswith(exception[:-1]) if exception.endswith("…") else path == exception


def left_out(pages: set[str], served: set[str], listed: set[str]) -> list[str]:
    return sorted(path for path in pages - served if not any(covers(one, path) for one in listed))


SERVED = {str(path) for act in ACTS for path in act.page.paths} | BY_OTHER_VERBS


def test_every_act_of_owners_and_agencies_is_in_the_interface_or_listed_with_a_reason() -> None:
    assert left_out(acts_of_pages(), SERVED, set(exceptions())) == []
    assert left_out({"/projects/{number:str}/dance"}, SERVED, set(exceptions())) == ["/projects/{number:str}/dance"]


def test_no_exception_is_listed_in_vain() -> None:
    open_acts = acts_of_pages() - SERVED
    assert [one for one in exceptions() if not any(covers(one, path) for path in open_acts)] == []
