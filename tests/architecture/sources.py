"""The product's own files, for tests that read them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("market", "agencies", "projects", "ratings")


@cache
def product_files() -> tuple[Path, ...]:
    """Every Python file of the product, app.py included."""
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "__pycache__" not in path.parts]
    return (ROOT / "app.py", *sorted(files))


@cache
def template_files() -> tuple[Path, ...]:
    return tuple(sorted((ROOT / "templates").rglob("*.html")))


def modules() -> list[str]:
    """Dotted names of every module of the product."""
    parts = [path.relative_to(ROOT).with_suffix("").parts for path in product_files()]
    return [".".join(part[:-1] if part[-1] == "__init__" else part) for part in parts]
