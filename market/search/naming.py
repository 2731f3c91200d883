"""Codes of the catalogue as the words that a document carries, in both languages: who types a district or a service in
English finds it as well."""

from __future__ import annotations

from collections.abc import Iterable

from market.catalogue.rules import Catalogue, ServiceItem, UnknownCode
from market.kernel.errors import Message
from market.kernel.i18n import speaking, tell


def service_names(codes: Iterable[str], catalogue: Catalogue) -> tuple[str, str]:
    """The names in Chinese and in English; a code that the catalogue does not have says nothing."""
    items = [item for code in codes if (item := _item(code, catalogue)) is not None]
    return "、".join(item.name.zh for item in items), ", ".join(item.name.en for item in items)


def _item(code: str, catalogue: Catalogue) -> ServiceItem | None:
    try:
        return catalogue.item(code)
    except UnknownCode:
        return None


def place(code: str, catalogue: Catalogue) -> tuple[tuple[str, ...], str]:
    """The path of codes from the province down, and the names of all of them."""
    try:
        path = catalogue.region_path(code)
    except UnknownCode:
        return (code,), ""
    names = "".join(region.name.zh for region in path) + "\n" + ", ".join(region.name.en for region in path)
    return tuple(region.code for region in path), names


def in_both(said: str | Message) -> str:
    """Words of ours in both languages; what somebody wrote stays as it is."""
    if isinstance(said, str):
        return said
    with speaking("en"):
        return f"{in_chinese(said)}\n{tell(said)}"


def in_chinese(said: str | Message) -> str:
    if isinstance(said, str):
        return said
    with speaking("zh_CN"):
        return tell(said)
