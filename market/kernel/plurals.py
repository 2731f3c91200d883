"""English for one: "1 day", where a message id says "{n} days". Chinese knows no plural, so only English needs this."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

# The nouns that message ids count. A number in front of any other word ("Delivery {no} was …") is a name, not a count.
NOUNS = (
    "agencies|answers|bids|breaches|calls|candidates|cases|changes|characters|checks|codes|complaints|conditions|contests|days|differences|"
    "documents|drafts|draws|entries|experts|files|flags|hours|jobs|kinds|lines|lots|marks|members|messages|milestones|minutes|months|"
    "notices|objections|organisations|payments|people|pieces|points|practitioners|projects|questions|ratings|refusals|returns|rounds|rows|"
    "searches|seats|seconds|sections|sessions|sign-ups|stars|steps|things|tickets|times|tokens|tries|values|webhooks|weeks|witnesses|"
    "withdrawals|years"
)
IRREGULAR = {"people": "person"}
VERBS = {"are": "is", "were": "was", "have": "has", "do": "does", "go": "goes"}
REGULAR_VERBS = "ask|call|differ|fill|follow|know|lack|lie|make|match|meet|need|offer|share|stand|wait"

_COUNTED = re.compile(
    rf"\{{(?P<name>\w+)\}}(?:(?P<between> (?:[a-z-]+ )?)(?P<noun>{NOUNS})\b)?(?P<verb> (?:{'|'.join(VERBS)}|{REGULAR_VERBS})\b)?"
)


def singular(noun: str) -> str:
    """agencies -> agency, breaches -> breach, days -> day."""
    if noun in IRREGULAR:
        return IRREGULAR[noun]
    if noun.endswith("ies"):
        return noun.removesuffix("ies") + "y"
    return noun.removesuffix("es") if noun.endswith(("ches", "sses")) else noun.removesuffix("s")


def unit_for(number: object, unit: str) -> str:
    """The unit behind a number that stands apart from it, or behind a bound such as "≥ 1": 1 "firms" -> "firm"."""
    return singular(unit) if str(number).split()[-1:] == ["1"] else unit


def _verb_for_one(verb: str) -> str:
    return VERBS.get(verb, verb + "s")


@lru_cache(maxsize=2048)
def counted(text: str) -> frozenset[str]:
    """The placeholders of a message id that count something."""
    return frozenset(found["name"] for found in _COUNTED.finditer(text) if found["noun"] or found["verb"])


def for_one(text: str, facts: Mapping[str, Any]) -> str:
    """The English message id with every noun, and the verb behind it, in the singular where its number is 1."""
    ones = {name for name in counted(text) if str(facts.get(name)) == "1"}
    if not ones:
        return text

    def one(found: re.Match[str]) -> str:
        if found["name"] not in ones:
            return found[0]
        verb = f" {_verb_for_one(found['verb'].strip())}" if found["verb"] else ""
        noun = f"{found['between']}{singular(found['noun'])}" if found["noun"] else ""
        return f"{{{found['name']}}}{noun}{verb}"

    return _COUNTED.sub(one, text)
