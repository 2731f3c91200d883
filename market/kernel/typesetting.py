"""Documents as PDF: Typst templates and fonts of our own. Nothing is taken from the machine or the network, so the same
data give the same bytes everywhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
FONTS = Path(__file__).resolve().parent / "fonts"
# Archival PDF with tags: readable in fifty years, and by a screen reader.
STANDARD: Final = "a-2a"


class FontsMissing(Exception):
    """`make setup` was not run: it puts the fonts into place."""


async def typeset(template: str, data: Mapping[str, Any]) -> bytes:
    """`template`: path below templates/, which reads `data` (JSON) from `sys.inputs.data`. Raises FontsMissing."""
    return await asyncio.to_thread(typeset_now, template, data)


def typeset_now(template: str, data: Mapping[str, Any]) -> bytes:
    """The same in this thread. The clock of the machine stays outside: a template sets its own date."""
    import typst

    compiler = typst.Compiler(
        str(TEMPLATES / template), root=str(TEMPLATES), font_paths=_fonts(),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False, sort_keys=True)},
    )  # fmt: skip
    pdf = compiler.compile(format="pdf", pdf_standards=[STANDARD], timestamp=0)
    assert isinstance(pdf, bytes)
    return pdf


@lru_cache
def _fonts() -> Any:
    import typst

    if not any(FONTS.glob("*.ttf")):
        raise FontsMissing(f"no fonts in {FONTS}: run `make setup`")
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
