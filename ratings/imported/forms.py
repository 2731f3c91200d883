from __future__ import annotations

import asyncio
from datetime import datetime
from typing import BinaryIO, cast

from litestar.datastructures import FormMultiDict, UploadFile

from agencies.rules import IMPORTED_LISTS
from market.kernel.i18n import N_
from market.web.forms import Fields
from ratings.imported.actions import NewUpload
from ratings.imported.queries import Diff
from ratings.imported.reading import check_file
from ratings.imported.rules import FileUnreadable

SOURCE_MAX = 100
FILE = N_("CSV file")


async def parse_upload(form: FormMultiDict, *, now: datetime) -> NewUpload:
    """Raises FormInvalid with every mistake. Lines that cannot be used are none: they are shown with the upload."""
    fields = Fields(form)
    name = fields.choice("list", N_("List"), list(IMPORTED_LISTS))
    source = fields.text("source", N_("Source"), max_length=SOURCE_MAX, min_length=2)
    queried_at = fields.moment("queried_at", N_("Queried at"))
    if queried_at is not None and queried_at > now:
        fields.wrong("queried_at", N_("The query cannot lie in the future."))
    part = fields.form.get("file")
    if not isinstance(part, UploadFile) or not part.filename:
        fields.wrong("file", N_("Please choose the CSV file."))
        fields.check()
    fields.check()
    assert isinstance(part, UploadFile)
    assert queried_at is not None
    content = cast(BinaryIO, part.file)  # on the disk where it is long
    try:
        await asyncio.to_thread(check_file, content, list_code=name, source=source, now=now)
    except FileUnreadable as problem:
        fields.errors["file"].append(problem.message)
    fields.check()
    return NewUpload(name, source, queried_at, part.filename[-120:], content)


def parse_seen(form: FormMultiDict) -> Diff:
    """The figures that the confirming person was shown; anything else is no diff at all."""
    fields = Fields(form)
    names = ("added", "changed", "gone", "kept", "added_here", "gone_here")
    seen = {name: fields.integer(name, N_("Figure"), low=0, high=10**9) for name in names}
    fields.check()
    return Diff(**{name: value or 0 for name, value in seen.items()})
