"""The only place that imports Alipay's SDK, and only when a call is made: its models become parameters of a call."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any


@cache
def _class(package: str, name: str) -> Any:
    return getattr(import_module(f"alipay.aop.api.{package}.{name}"), name)


def model(name: str, /, **members: Any) -> Any:
    """A model of the SDK with these members. Raises AttributeError for a member that the SDK does not know (it would
    drop it without a word) and TypeError for anything but text, models and lists of them (numbers lose their form)."""
    made = _class("domain", name)()
    for member, value in members.items():
        if not hasattr(made, member):
            raise AttributeError(f"{name} has no {member}")
        if isinstance(value, bool | int | bytes) or value is None:
            raise TypeError(f"{name}.{member} must be text")
        setattr(made, member, value)
    return made


def call_params(interface: str, /, *, notify_url: str = "", return_url: str = "", **members: Any) -> dict[str, str]:
    """`interface`: the SDK's name of it, such as "AlipayTradeQuery". Returns method, version, biz_content, addresses."""
    request = _class("request", f"{interface}Request")()
    request.biz_model = model(f"{interface}Model", **members)
    request.notify_url, request.return_url = notify_url, return_url
    params: dict[str, str] = request.get_params()
    return params
