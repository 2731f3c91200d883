"""When somebody is told, and what may leave the market."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from market.kernel.calendar import BEIJING, ONE_DAY
from market.kernel.i18n import LOCALES
from market.kernel.settings import Secret
from market.notices.events import BY_ID, EVENTS, KINDS, event_of, outside
from market.notices.letters import Parcel, letter, sms
from market.notices.mail import Folder
from market.notices.post import Post
from market.notices.queries import MessageView
from market.notices.rules import Preference, after_quiet, next_hour, pause_after, reachable, reminders_due, when
from market.notices.signing import read_unsubscribe_token, unsubscribe_token
from market.notices.sms.console import ConsoleSms
from tests.notices.scene import html, plain

NOW = datetime(2026, 6, 16, 10, 0, tzinfo=BEIJING)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  (the strategy adds the zone)
HOURS = st.integers(0, 23)
PREFERENCES = st.builds(
    Preference, quiet_from=HOURS, quiet_until=HOURS, urgent_breaks_through=st.booleans(),
    digest_hour=st.none() | HOURS,
)  # fmt: skip
KEY = Secret("a key of the tests")


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no finding
@given(
    PREFERENCES, MOMENTS, st.sampled_from(EVENTS), st.sampled_from(["email", "sms"]), st.none() | st.integers(-48, 480)
)
def test_when(said: Preference, now: datetime, event: object, channel: str, hours_left: int | None) -> None:
    due_at = None if hours_left is None else now + timedelta(hours=hours_left)
    sending = when(said, event, channel, due_at=due_at, now=now)  # type: ignore[arg-type]
    assert now <= sending.at <= now + ONE_DAY
    urgent = hours_left is not None and 0 < hours_left <= 24
    if urgent and said.urgent_breaks_through:
        assert sending.at == now
    if sending.digest:
        assert (channel, sending.at.astimezone(BEIJING).hour) == ("email", said.digest_hour)
    elif sending.at != now:
        assert sending.at.astimezone(BEIJING).hour == said.quiet_until
        assert after_quiet(said, sending.at) == sending.at


@pytest.mark.parametrize(("hour", "sent_at"), [(21, 21), (22, 7), (23, 7), (0, 7), (6, 7), (7, 7), (12, 12)])
def test_quiet_hours_over_midnight(hour: int, sent_at: int) -> None:
    assert after_quiet(Preference(), NOW.replace(hour=hour)).astimezone(BEIJING).hour == sent_at


@given(HOURS, MOMENTS)
def test_the_next_hour_comes_within_a_day(hour: int, now: datetime) -> None:
    found = next_hour(hour, now)
    assert now < found <= now + ONE_DAY
    assert (found.astimezone(BEIJING).hour, found.minute) == (hour, 0)


@given(st.integers(1, 100), st.integers(0, 999))
def test_pauses_grow_to_an_hour(tries: int, jitter: int) -> None:
    assert timedelta(seconds=22) <= pause_after(tries, jitter) <= timedelta(minutes=75)
    assert pause_after(tries, jitter) <= pause_after(tries + 1, jitter)


@pytest.mark.parametrize(
    ("left", "whole", "due"),
    [(timedelta(days=5), 10, None), (timedelta(days=3), 10, 3), (timedelta(days=2), 10, 3), (timedelta(days=1), 10, 1),
     (timedelta(hours=1), 10, 1), (timedelta(0), 10, None), (timedelta(days=2), 2, None), (timedelta(hours=5), 2, 1)],
)  # fmt: skip
def test_which_reminder(left: timedelta, whole: int, due: int | None) -> None:
    """Three days and one day before; no reminder that would follow at once upon the beginning of a short time."""
    assert reminders_due(NOW + left, (3, 1), since=NOW + left - timedelta(days=whole), now=NOW) == due


@pytest.mark.parametrize(
    ("channel", "address", "possible"),
    [("email", "wang@example.org", True), ("email", "wang", False), ("email", "a b@example.org", False), ("email", "", False),
     ("email", "a@b\r\nBcc: c@d", False), ("email", "<a@b>", False), ("email", "a@b,c@d", False), ("email", "王@例.cn", False),
     ("sms", "13800138000", True), ("sms", "+86 138-0013-8000", True), ("sms", "0532-85912345", False), ("sms", "110", False)],
)  # fmt: skip
def test_where_anything_can_be_sent(channel: str, address: str, possible: bool) -> None:
    assert reachable(channel, address) is possible


def test_the_catalogue_names_each_word_once() -> None:
    words = [word for one in EVENTS for word in one.covers]
    assert len(words) == len(set(words))
    assert {one.kind for one in EVENTS} == KINDS.keys()
    assert all(one.audience for one in EVENTS)


@pytest.mark.parametrize(
    ("word", "found"),
    [("contract.opened", "contract.opened"), ("contract.in_force", "contract"), ("contract", "contract"),
     ("bond.runs_out.QD-1", "bond"), ("amended-2", "amended"), ("withdrawn", "withdrawn"), ("bid", None), ("", None),
     ("contracts", None), ("agency.expiring", "agency.expiring"), ("agency.admitted", "agency")],
)  # fmt: skip
def test_what_covers_a_cause(word: str, found: str | None) -> None:
    event = event_of(word)
    assert (event.id if event else None) == found


NAMES = st.sampled_from(
    sorted({name for one in EVENTS for name in one.facts} | {"bid", "reason", "secret", "mark", "price_fen"})
)
POST = Post(KEY, Folder(SimpleNamespace()), ConsoleSms(), "m@example.org", "明选", "https://m.example.org", "370200")  # type: ignore[arg-type]
SEALED = "SEALED"


@settings(deadline=None)  # the first example loads the translations
@given(
    st.sampled_from([*(word for one in EVENTS for word in one.covers), "bid", "sealed.offer"]),
    st.dictionaries(NAMES, st.just(SEALED), max_size=6), st.sampled_from(list(LOCALES)),
)  # fmt: skip
def test_only_listed_facts_leave(word: str, facts: dict[str, str], locale: str) -> None:
    """Whatever a sender puts into a message's facts: beyond the list of its event nothing is in e-mail or text message."""
    event = event_of(word)
    hidden = {name: value for name, value in facts.items() if event is None or name not in event.facts}
    text = "A message" + "".join(f" {{{name}}}" for name in hidden)
    message = MessageView(UUID(int=1), UUID(int=2), text, hidden, "/", event, NOW, None, False)
    parcel = Parcel(UUID(int=3), UUID(int=4), "王芳", "email", "single", "a@example.org", locale, NOW)
    made = letter(POST, parcel, [message])
    assert SEALED not in plain(made) + html(made) + str(made["Subject"]) + sms(POST, parcel, message).text
    text, allowed = outside(event, text, facts)
    assert all(event is not None and name in event.facts for name, value in allowed.items() if value == SEALED)


# Amounts leave only where they were published or both sides know them; what a bid holds, what an expert marks, why somebody
# decided, and who a person is, never.
AMOUNTS = {"amount", "price", "refund", "release", "back", "interest"}
MAY_NAME_AMOUNTS = {"draw.made", "dispute", "payment.reminder", "payment", "bond"}
NEVER = {"bid", "bids", "quote", "offer", "mark", "marks", "score_sheet", "reason", "phone", "email", "address", "login", "code",
         "ceiling", "floor", "salt", "secret", "token", "id_number"}  # fmt: skip


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.id)
def test_no_event_lists_what_is_sealed(event: object) -> None:
    listed = BY_ID[event.id].facts  # type: ignore[attr-defined]
    assert not listed & NEVER
    assert not listed & AMOUNTS or event.id in MAY_NAME_AMOUNTS  # type: ignore[attr-defined]


@given(st.uuids(), st.sampled_from(["", *BY_ID]))
def test_links_are_ours_alone(person_id: UUID, event_id: str) -> None:
    token = unsubscribe_token(KEY, person_id, event_id)
    assert read_unsubscribe_token(KEY, token) == (person_id, event_id)
    assert read_unsubscribe_token(Secret("another"), token) is None
    assert read_unsubscribe_token(KEY, token[:-1] + ("A" if token[-1] != "A" else "B")) is None


@given(st.text())
def test_any_text_may_stand_in_a_link(text: str) -> None:
    assert read_unsubscribe_token(KEY, text) is None
