"""From the pages about messages to commands, with all errors at once."""

from __future__ import annotations

from dataclasses import dataclass

from litestar.datastructures import FormMultiDict

from market.kernel.errors import Message
from market.kernel.i18n import LOCALES, N_
from market.notices.actions import Wishes
from market.notices.events import BY_ID
from market.notices.rules import CHANNELS, Preference
from market.notices.webhooks.network import NO_ANSWER, NOT_REACHED, REFUSED, SECONDS
from market.notices.webhooks.rules import BadTarget, target_of
from market.web.forms import Fields

BAD_TARGETS = {
    "scheme": N_("A webhook is called over https only: the address begins with https://."),
    "host": N_("This is no address of a web server, such as https://example.com/hooks."),
    "user": N_("Leave out user, password and #: the signature proves that a call comes from us."),
    "private": N_("This address leads into a private network, and only public ones are called."),
    "unknown": N_("This name cannot be found: check it, and that it is public."),
}


def problem_said(problem: str) -> Message:
    """Why no answer came, from the word in the log of calls."""
    if problem == NO_ANSWER:
        return Message(N_("No answer within {seconds} seconds."), {"seconds": SECONDS})
    if problem.startswith(REFUSED):
        return Message(BAD_TARGETS[problem.removeprefix(REFUSED)])
    return Message(N_("It could not be reached ({kind})."), {"kind": problem.removeprefix(NOT_REACHED)})


def parse_preferences(form: FormMultiDict) -> Wishes:
    fields = Fields(form)
    locale = fields.choice("locale", N_("Language of messages"), tuple(LOCALES))
    digest = fields.choice("digest", N_("When"), ("at_once", "daily"))
    hour = fields.integer("digest_hour", N_("Hour of the digest"), low=0, high=23)
    quiet_from = fields.integer("quiet_from", N_("Quiet from"), low=0, high=23)
    quiet_until = fields.integer("quiet_until", N_("Quiet until"), low=0, high=23)
    allowed = {f"{event}|{channel}" for event in BY_ID for channel in CHANNELS}
    wanted = set(fields.choices("wanted", N_("What you are told"), allowed, required=False))
    fields.check()
    assert quiet_from is not None
    assert quiet_until is not None
    said = Preference(locale, quiet_from, quiet_until, fields.flag("urgent"), hour if digest == "daily" else None)
    return Wishes(said, {(event, one): f"{event}|{one}" in wanted for event in BY_ID for one in CHANNELS})


@dataclass(frozen=True)
class NewEndpoint:
    url: str
    events: list[str]


def parse_endpoint(form: FormMultiDict, *, to_this_machine: bool) -> NewEndpoint:
    """What can be judged without asking anybody; the name's addresses are looked up afterwards."""
    fields = Fields(form)
    url = fields.text("url", N_("Address"), max_length=500)
    if url:
        try:
            target_of(url, to_this_machine=to_this_machine)
        except BadTarget as bad:
            fields.wrong("url", BAD_TARGETS[bad.why])
    every = fields.choice("which", N_("Which messages"), ("all", "some")) == "all"
    events = fields.choices("events", N_("Which messages"), tuple(BY_ID), required=False)
    if not every and not events:
        fields.wrong("events", N_("Choose at least one kind of message, or all."))
    fields.check()
    return NewEndpoint(url, [] if every else events)
