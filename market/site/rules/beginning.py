"""The first steps of those whose work comes to them: what to set up before the first case, invitation or application.
Owners and agencies begin with a notice and with an application; their benches tell that way themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from market.kernel.i18n import N_

State = Literal["done", "current", ""]


@dataclass(frozen=True)
class Beginning:
    """What is known of somebody who begins. `entry`: the stage of an expert's entry into the pool, "" before there is
    one. `scoped`: a region and an industry are entered for the authority. `authorities`: how many regulators there are."""

    second_factor: bool
    colleagues: int
    entry: str = ""
    scoped: bool = False
    authorities: int = 0
    next_year_open: bool = False


@dataclass(frozen=True)
class FirstStep:
    """`title`, `text`: message ids."""

    title: str
    text: str
    href: str | None
    state: State


@dataclass(frozen=True)
class _Step:
    title: str
    text: str
    href: str | None
    done: bool


def first_steps(bench: str, known: Beginning) -> list[FirstStep]:
    """The steps of an expert, a regulator or an operator with the first open one marked; nothing where all are done."""
    steps = {"expert": _expert, "regulator": _regulator, "operator": _operator}.get(bench, lambda _: [])(known)
    if all(step.done for step in steps):
        return []
    current = next(place for place, step in enumerate(steps) if not step.done)
    return [
        FirstStep(step.title, step.text, step.href, "done" if step.done else ("current" if place == current else ""))
        for place, step in enumerate(steps)
    ]


def _second_factor(known: Beginning) -> _Step:
    return _Step(
        N_("Protect your account with a second factor"),
        N_("A code from your telephone besides the password: what you sign here binds, and nobody else shall sign it."),
        "/account", known.second_factor,
    )  # fmt: skip


def _expert(known: Beginning) -> Sequence[_Step]:
    return (
        _Step(
            N_("Apply for the pool of experts"),
            N_("Your specialities, your title and whom you may not judge. Everything is saved as you write."),
            "/expert/application", known.entry not in ("", "draft", "returned"),
        ),
        _Step(
            N_("The operator reviews your application"),
            N_("What has to be corrected comes back with its reason and a time limit."), None, known.entry == "admitted",
        ),
        _second_factor(known),
    )  # fmt: skip


def _regulator(known: Beginning) -> Sequence[_Step]:
    return (
        _second_factor(known),
        _Step(
            N_("Your region and your industry"),
            N_("The operator enters them; they decide what you see. Tell the operator if something is missing."), None,
            known.scoped,
        ),
        _Step(
            N_("Give your colleagues accounts"),
            N_("Who records a case may not decide it: an authority needs two people at least."), "/account/colleagues",
            known.colleagues > 1,
        ),
    )  # fmt: skip


def _operator(known: Beginning) -> Sequence[_Step]:
    return (
        _second_factor(known),
        _Step(
            N_("Open accounts for the regulators"),
            N_("With their region and their industry: without them nobody watches time limits and flags."),
            "/operator/institutions", known.authorities > 0,
        ),
        _Step(
            N_("Give your colleagues accounts"),
            N_("Who asks for an import of a list may not apply it: the operator needs two people at least."),
            "/account/colleagues", known.colleagues > 1,
        ),
        _Step(
            N_("Enter the holidays of the coming year"),
            N_("Deadlines in working days that reach into it are refused until they are known."), "/operator/calendar",
            known.next_year_open,
        ),
    )  # fmt: skip
