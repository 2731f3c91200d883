"""The QR code that leads from paper to the live page."""

from __future__ import annotations

import segno
from markupsafe import Markup


def qr_code(url: str) -> Markup:
    """An address as inline svg; the address itself stands beside it."""
    drawing = segno.make(url, error="m").svg_inline(scale=3, border=2, omitsize=True, svgclass="qr", lineclass=None)
    return Markup(drawing)  # noqa: S704  (drawn by segno from our own address)
