"""From messages to an e-mail or a text message: what may leave the market, in the person's language, plain and accessible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from uuid import UUID

from markupsafe import Markup

from market.kernel.i18n import N_, speaking, translate
from market.notices.events import ANNOUNCEMENT, Event, outside
from market.notices.post import Post
from market.notices.queries import MessageView
from market.notices.signing import unsubscribe_token
from market.notices.sms.text import SmsText
from market.web.display import moment

SUBJECT_LENGTH = 70
SMS_LENGTH = 20  # what Chinese providers allow for one parameter of a template


@dataclass(frozen=True)
class Parcel:
    """What goes to one person in one piece, as the outbox holds it."""

    id: UUID
    person_id: UUID
    person_name: str
    channel: str
    kind: str
    address: str
    locale: str
    made_at: datetime


@dataclass(frozen=True)
class _Line:
    name: str
    text: str
    due: str
    url: str


def said_outside(message: MessageView) -> str:
    """The message in the current language, with nothing but what its event lets out."""
    text, facts = outside(message.event, message.text, message.facts)
    try:
        return translate(text, **facts)
    except (KeyError, IndexError, ValueError):
        return translate(ANNOUNCEMENT)


def _lines(post: Post, messages: Sequence[MessageView]) -> list[_Line]:
    return [
        _Line(
            translate(one.event.name) if one.event else translate(N_("Message")), said_outside(one),
            translate(N_("Until {moment}"), moment=moment(one.due_at)) if one.due_at else "", post.public_url + one.url,
        )
        for one in messages
    ]  # fmt: skip


def letter(post: Post, parcel: Parcel, messages: Sequence[MessageView]) -> EmailMessage:
    """One message or a digest. Its Message-ID is the parcel's, so that a second copy can be told for what it is."""
    with speaking(parcel.locale):
        lines = _lines(post, messages)
        if parcel.kind == "digest":
            subject = translate(N_("Digest: {count} messages"), count=len(lines))
            only: Event | None = None
        else:
            subject, only = lines[0].text, messages[0].event
        stop_url = (
            f"{post.public_url}/messages/stop/{unsubscribe_token(post.key, parcel.person_id, only.id if only else '')}"
        )
        made = _envelope(post, parcel, subject)
        made["List-Unsubscribe"] = f"<{stop_url}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        greeting = translate(N_("Hello {name},"), name=parcel.person_name)
        made.set_content(_plain(post, greeting, lines, stop_url))
        made.add_alternative(_html(post, parcel, subject, greeting, lines, stop_url), subtype="html")
    return made


def code_letter(post: Post, parcel: Parcel, code: str) -> EmailMessage:
    with speaking(parcel.locale):
        made = _envelope(post, parcel, translate(N_("Your confirmation code")))
        text = _code_text(post, code)
        made.set_content(f"{text}\n\n{translate(_NOT_YOU)}\n")
        body = Markup("<p>{}</p><p>{}</p>").format(text, translate(_NOT_YOU))
        made.add_alternative(_page(post, parcel, translate(N_("Your confirmation code")), body), subtype="html")
    return made


_NOT_YOU = N_("If you did not ask for it, somebody mistyped an address: nothing happens without the code.")


def _code_text(post: Post, code: str) -> str:
    return translate(N_("{code} is your code for {site}. It is good for 15 minutes."), code=code, site=post.site_name)


def code_sms(post: Post, parcel: Parcel, code: str) -> SmsText:
    with speaking(parcel.locale):
        return SmsText("code", {"code": code}, _code_text(post, code))


def sms(post: Post, parcel: Parcel, message: MessageView) -> SmsText:
    """A text message names what happened and nothing else: the message itself stands in the inbox."""
    with speaking(parcel.locale):
        what = translate(message.event.name) if message.event else translate(N_("Message"))
        text = translate(N_("{site}: {what}. Sign in and read it under Messages."), site=post.site_name, what=what)
        return SmsText("message", {"what": what[:SMS_LENGTH]}, text)


def _envelope(post: Post, parcel: Parcel, subject: str) -> EmailMessage:
    made = EmailMessage()
    flat = " ".join(subject.split())
    made["Subject"] = flat if len(flat) <= SUBJECT_LENGTH else f"{flat[: SUBJECT_LENGTH - 1]}…"
    made["From"] = formataddr((post.site_name, post.mail_from))
    made["To"] = parcel.address
    made["Date"] = format_datetime(parcel.made_at)
    made["Message-ID"] = f"<{parcel.id}@{post.host}>"
    made["Content-Language"] = "en" if parcel.locale == "en" else "zh-CN"
    made["Auto-Submitted"] = "auto-generated"
    return made


_CHOOSE = N_("Choose what you are told")
_NO_MORE = N_("No more e-mails like this one")
_WHY = N_("You get this because you act for your organisation on {site} and confirmed this address.")


def _plain(post: Post, greeting: str, lines: Sequence[_Line], stop_url: str) -> str:
    parts = [greeting, ""]
    for line in lines:
        parts += [f"【{line.name}】", line.text, *([line.due] if line.due else []), line.url, ""]
    colon = translate(N_(": "))
    parts += ["-- ", translate(_WHY, site=post.site_name)]
    parts.append(translate(_CHOOSE) + colon + f"{post.public_url}/account/messages")
    parts.append(translate(_NO_MORE) + colon + stop_url)
    return "\n".join(parts) + "\n"


def _html(post: Post, parcel: Parcel, subject: str, greeting: str, lines: Sequence[_Line], stop_url: str) -> str:
    body = Markup("<p>{}</p>").format(greeting)
    for line in lines:
        due = Markup("<p><strong>{}</strong></p>").format(line.due) if line.due else Markup("")
        body += Markup('<h2>{}</h2>\n<p>{}</p>\n{}<p><a href="{}">{}</a></p>\n').format(
            line.name, line.text, due, line.url, translate(N_("Open it on the market"))
        )
    body += Markup('<hr>\n<p>{}</p>\n<p><a href="{}">{}</a> · <a href="{}">{}</a></p>').format(
        translate(_WHY, site=post.site_name), f"{post.public_url}/account/messages",
        translate(_CHOOSE), stop_url, translate(_NO_MORE),
    )  # fmt: skip
    return _page(post, parcel, subject, body)


# An e-mail is read outside the site: its few rules travel with it, and without them it is still a plain document.
_RULES = (
    "body{margin:0;background:#f4f4f1;color:#1d2327;font:16px/1.7 'PingFang SC','Microsoft YaHei',system-ui,sans-serif}"
    "main{max-width:38rem;margin:0 auto;padding:1.5rem;background:#fff}"
    "header p{margin:0 0 1rem;font-weight:700;color:#0f5468;border-bottom:2px solid #0f5468;padding-bottom:.5rem}"
    "h1{font-size:1.25rem;margin:0 0 1rem}h2{font-size:1rem;margin:1.5rem 0 .25rem;color:#5c6166}p{margin:.25rem 0 .75rem}"
    "a{color:#0b57a4}hr{border:0;border-top:1px solid #d5d5cf;margin:1.5rem 0 .75rem}hr~p{font-size:.875rem;color:#5c6166}"
    "@media (prefers-color-scheme:dark){body{background:#15181b;color:#e7e7e3}main{background:#1d2124}a{color:#8cbcf0}"
    "header p{color:#8fd0e6;border-color:#8fd0e6}h2,hr~p{color:#a9aeb3}}"
)

_STYLE = Markup(_RULES)  # noqa: S704  (a constant of ours)


def _page(post: Post, parcel: Parcel, title: str, body: Markup) -> str:
    return str(Markup(
        '<!doctype html>\n<html lang="{}">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n'
        '<meta name="color-scheme" content="light dark">\n<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n'
        "<header><p>{}</p></header>\n<h1>{}</h1>\n{}\n</main>\n</body>\n</html>\n"
    ).format("en" if parcel.locale == "en" else "zh-CN", title, _STYLE, post.site_name, title, body))  # fmt: skip
