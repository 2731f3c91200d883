from __future__ import annotations

import asyncio
from datetime import datetime

from litestar.datastructures import FormMultiDict, UploadFile

from agencies.rules import IMPORTED_LISTS
from market.kernel.calendar import beijing_date
from market.kernel.i18n import N_
from market.web.forms import Fields
from ratings.imported.actions import NewUpload
from ratings.imported.queries import Diff
from ratings.imported.rules import FileUnreadable, read_list

SOURCE_MAX = 100
FILE = N_("CSV file")


async def parse_upload(form: FormMultiDict, *, limit: int, now: datetime) -> NewUpload:
    """Raises FormInvalid with every mistake. Lines that cannot be used are none: they are shown with the upload."""
    fields = Fields(form)
    name = fields.choice("list", N_("List"), list(IMPORTED_LISTS))
    source = fields.text("source", N_("Source"), max_length=SOURCE_MAX, min_length=2)
    queried_at = fields.moment("queried_at", N_("Queried at"))
    if queried_at is not None and queried_at > now:
        fields.wrong("queried_at", N_("The query cannot lie in the future."))
    sent = await _file(fields, limit=limit)
    fields.check()
    assert sent is not None
    assert queried_at is not None
    file_name, content = sent
    try:
        # Seconds for the longest files: beside the event loop, not on it.
        reading = await asyncio.to_thread(read_list, content, list_code=name, source=source, today=beijing_date(now))
    except FileUnreadable as problem:
        fields.errors["file"].append(problem.message)
    fields.check()
    return NewUpload(name, source, queried_at, file_name, content, reading)


async def _file(fields: Fields, *, limit: int) -> tuple[str, bytes] | None:
    part = fields.form.get("file")
    if not isinstance(part, UploadFile) or not part.filename:
        fields.wrong("file", N_("Please choose the CSV file."))
        return None
    content = await part.read(limit + 1)
    if len(content) > limit:
        fields.wrong(
            "file", N_("The file is larger than {limit} MB: split it by source."), limit=limit // (1024 * 1024)
        )
        return None
    return part.filename[-120:], content


def parse_seen(form: FormMultiDict) -> Diff:
    """The figures that the confirming person was shown; anything else is no diff at all."""
    fields = Fields(form)
    names = ("added", "changed", "gone", "kept", "added_here", "gone_here")
    seen = {name: fields.integer(name, N_("Figure"), low=0, high=10**9) for name in names}
    fields.check()
    return Diff(**{name: value or 0 for name, value in seen.items()})
