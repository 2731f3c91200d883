"""Who wants to know of which acts: a package above subscribes one of its jobs to a kind of register entry."""

from __future__ import annotations

from collections import defaultdict

_SUBSCRIBERS: defaultdict[str, list[str]] = defaultdict(list)


def on_act(kind: str, job_name: str) -> None:
    """The job gets {"entry_id": …} for each entry of this kind, if and only if the act was committed."""
    if job_name not in _SUBSCRIBERS[kind]:
        _SUBSCRIBERS[kind].append(job_name)


def subscribers(kind: str) -> tuple[str, ...]:
    return tuple(_SUBSCRIBERS.get(kind, ()))
