"""From JSON to what the pages' forms read: the same parsers and the same messages serve both.

A body is a msgspec Struct whose members are named like the fields of the page's form. Texts and numbers become texts,
`true` a ticked box, a list several values, a list of rows numbered fields, a file an upload.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec
from litestar import Request
from litestar.datastructures import FormMultiDict, UploadFile
from msgspec import Meta, Struct

from market.kernel.errors import FormInvalid, Message
from market.kernel.i18n import N_
from market.web.problems import Problem, Unprocessed

AnyRequest = Request[Any, Any, Any]
LARGEST_JSON = 30 * 1024 * 1024


def fits(most: int, description: str = "", **more: Any) -> Meta:
    """At most so many characters or entries: as many as the form takes."""
    return Meta(max_length=most, description=description or None, **more)


Digits = Annotated[str, fits(12)]
Days = Annotated[int, Meta(ge=1, le=2000)] | Digits  # working days
No = Annotated[int, Meta(ge=1, le=10_000)] | Digits  # the place of one among several
Percent = Annotated[int, Meta(ge=0, le=100)] | Digits
Amount = Annotated[
    str, fits(20, N_("Yuan, with at most two decimals."), examples=["152000.00"], extra_json_schema={"format": "yuan"})
]
Moment = Annotated[str, fits(26, N_("Beijing time."), examples=["2026-06-22T17:00"])]
Date = Annotated[str, fits(10, N_("Day in Beijing."), examples=["2026-06-22"])]
Ref = Annotated[str, fits(36)]  # a UUID; whether it is one of yours, the form decides


class Body(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What a program may send. Members that the form insists on are checked by the form."""


class SentFile(Struct, forbid_unknown_fields=True):
    """A file inside of JSON."""

    name: Annotated[str, Meta(min_length=1, max_length=200, examples=["report.pdf"])]
    content: Annotated[
        str, fits(LARGEST_JSON, N_("Base64."), examples=["JVBERi0xLjQK"], extra_json_schema={"format": "byte"})
    ]


async def read_body(request: AnyRequest, shape: type[Body] | None) -> tuple[bytes, Body | None]:
    """The bytes that came and what they say. Raises Unprocessed: 413, 415, 422."""
    raw = await request.body()
    if len(raw) > LARGEST_JSON:
        raise Unprocessed(
            Problem(
                413,
                "body.too_large",
                Message(N_("What you sent is too large. Send smaller files, one after the other.")),
            )
        )
    if shape is None:
        return raw, None
    sent_as = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent_as != "application/json":
        raise Unprocessed(
            Problem(415, "body.not_json", Message(N_("Send JSON, with the header Content-Type: application/json.")))
        )
    try:
        return raw, msgspec.json.decode(raw or b"{}", type=shape)
    except msgspec.ValidationError as problem:
        raise _misshapen(str(problem)) from problem
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Unprocessed(Problem(400, "body.unreadable", Message(N_("This is no JSON.")))) from problem


_BOUND = re.compile(r"Expected `(\w+)` (?:of length )?(<=|>=) (\d+)")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`")
_TOO_MUCH: Final[Mapping[tuple[str, str], str]] = {
    ("str", "<="): N_("At most {limit} characters fit here."), ("str", ">="): N_("At least {limit} characters are needed here."),
    ("array", "<="): N_("At most {limit} entries fit here."), ("object", "<="): N_("At most {limit} entries fit here."),
    ("int", "<="): N_("This may be at most {limit}."), ("int", ">="): N_("This must be at least {limit}."),
}  # fmt: skip


def _misshapen(said: str) -> FormInvalid:
    """ "Expected `str` of length <= 80 - at `$.milestones[0].title`": the member, and what was expected of it."""
    what, _, place = said.partition(" - at ")
    name = place.rpartition("`$")[2].rstrip("`").lstrip(".")
    if unknown := _UNKNOWN.fullmatch(what):
        name = f"{name}.{unknown[1]}".lstrip(".")
        return FormInvalid({name[:200]: [Message(N_("There is no member of this name here."))]})
    bound = _BOUND.fullmatch(what)
    if bound and (told := _TOO_MUCH.get((bound[1], bound[2]))):
        return FormInvalid({name: [Message(told, {"limit": int(bound[3])})]})
    return FormInvalid({name: [Message(N_("This member has another shape than it should: {what}"), {"what": what})]})


def as_form(body: Body | None, always: Mapping[str, str]) -> FormMultiDict:
    """The form that a browser would have sent. Raises FormInvalid for files that are no Base64."""
    pairs: list[tuple[str, Any]] = list(always.items())
    for name in body.__struct_fields__ if body is not None else ():
        value = getattr(body, name)
        if value is not None and value is not msgspec.UNSET:
            pairs += _fields(name, value)
    return FormMultiDict(pairs)


def _fields(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    match value:
        case bool():
            yield from [(name, "on")] if value else []
        case int() | str():
            yield name, str(value)
        case SentFile():
            yield name, _upload(name, value)
        case dict():
            for key, one in value.items():
                yield f"{PREFIXES[name]}{key}", str(one)
        case Sequence():
            for no, one in enumerate(value, start=1):
                yield from (
                    _row(one, no) if isinstance(one, Struct) and not isinstance(one, SentFile) else _fields(name, one)
                )


# Members whose keys are part of the form's field names.
PREFIXES: Mapping[str, str] = {"needs": "need:", "marks": "mark-"}


def _row(row: Struct, no: int) -> Iterator[tuple[str, Any]]:
    for name in row.__struct_fields__:
        yield f"{name}_{no}", str(getattr(row, name))


def _upload(field: str, file: SentFile) -> UploadFile:
    try:
        content = base64.b64decode(file.content.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as problem:
        raise FormInvalid({field: [Message(N_("The content of a file is sent as Base64."))]}) from problem
    return UploadFile(content_type="application/octet-stream", filename=file.name, file_data=content)


class SentByProgram(Request[Any, Any, Any]):
    """The page's own handler reads it as if its form had been sent by a browser."""

    def __init__(self, request: AnyRequest, form: FormMultiDict) -> None:
        super().__init__(request.scope, request.receive, request.send)
        self.sent = form

    async def form(self) -> FormMultiDict:
        return self.sent
