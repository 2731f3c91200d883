"""The ways in which the market says no. No status codes here: `market.web.errors` maps them to pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Message:
    """A message id with the facts to put into it; translated when it is shown."""

    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class Refusal(Exception):
    """A lawful no: the act is understood and permitted to this person, but a rule or a fact forbids it now.

    `message` and `todo` are English message ids with `{placeholders}` filled from `facts`;
    `rule` is the rulebook key that decided, linked from the page; `field` the answer of a form that it concerns, "" all.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        rule: str | None = None,
        todo: str | None = None,
        field: str = "",
        **facts: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = Message(message, facts)
        self.rule = rule
        self.field = field
        self.todo = Message(todo, facts) if todo else None
        self.facts = facts


class Throttled(Refusal):
    """A pause after too many tries; `until` says when it ends."""

    def __init__(self, code: str, message: str, *, until: datetime, todo: str | None = None) -> None:
        super().__init__(code, message, todo=todo, until=until)
        self.until = until


class NotFound(Exception):
    """There is no such thing, or it is not the viewer's to know of."""


class Forbidden(Exception):
    """The viewer may know of it but may not do this."""

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.message = Message(message, facts)


class FormInvalid(Exception):
    """All that is wrong with a form: field name -> messages. The empty name holds what concerns the whole form."""

    def __init__(self, errors: Mapping[str, list[Message]]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors
