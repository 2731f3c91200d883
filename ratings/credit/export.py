"""The statement as data, so that anybody can compute it again."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from market.register.queries import utc_text
from ratings.credit.queries import Account
from ratings.credit.rules import Event, Line, Pause


def statement_json(account: Account, public_url: str) -> dict[str, Any]:
    """All points in hundredths. `score` follows from `events`, `rules` and `at` by the method that `method` names."""
    rules, score = account.rules, account.score
    return {
        "organisation": account.organisation.code,
        "name": account.organisation.name,
        "at": utc_text(account.at),
        "method": f"{public_url}/credit",
        "unit": "hundredths of a point",
        "rules": {**asdict(rules), "bands": list(rules.bands)},
        "finished_jobs": account.finished_jobs,
        "rated": score.rated,
        "score": score.points,
        "band": score.band,
        "opening": score.opening,
        "events": [_event(event, public_url) for event in account.events if event.recorded_at <= account.at],
        "statement": [_line(line) for line in score.lines],
        "pauses": [_pause(pause) for pause in account.pauses],
    }


def _event(event: Event, public_url: str) -> dict[str, Any]:
    return {
        "id": str(event.id),
        "kind": event.kind,
        "points": event.points,
        "occurred_at": utc_text(event.occurred_at),
        "recorded_at": utc_text(event.recorded_at),
        "valid_until": utc_text(event.valid_until),
        "cancels": str(event.cancels) if event.cancels else None,
        "rule": event.rule,
        "rulebook": event.rulebook,
        "project": event.project_number,
        "evidence": f"{public_url}/register/entries/{event.evidence_id}",
        "evidence_no": event.evidence_no,
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "at": utc_text(line.at),
        "why": line.why,
        "event": str(line.event.id),
        "correction": str(line.correction.id) if line.correction else None,
        "change": line.change,
        "balance": line.balance,
    }


def _pause(pause: Pause) -> dict[str, Any]:
    return {
        "rule": pause.rule,
        "event": str(pause.cause.id),
        "from": utc_text(pause.starts_at),
        "until": utc_text(pause.ends_at),
    }
