"""A text message: by name of a template, because providers send nothing else, and with its whole text for the console."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class SmsText:
    """`template`: "message" has the parameter `what`, "code" the parameter `code`; `text`: what a person reads."""

    template: Literal["message", "code"]
    parameters: Mapping[str, str]
    text: str
