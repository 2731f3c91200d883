"""The ways out of the market that the settings name, opened once a process: for the errands that carry messages."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import urlsplit

from market.kernel.settings import Secret, Settings
from market.notices.mail import Folder, Smtp
from market.notices.sms.aliyun import AliyunSms
from market.notices.sms.console import ConsoleSms
from market.notices.sms.text import SmsText

MAIL_FOLDER = "mail"


class MailSender(Protocol):
    async def send(self, letter: EmailMessage) -> None:
        """Raises NotDelivered."""


class SmsSender(Protocol):
    async def send(self, number: str, text: SmsText, *, reference: str) -> None:
        """`reference`: the same for the same text message. Raises NotDelivered."""


@dataclass(frozen=True)
class Post:
    """`region`: whose rulebook says how long one tries."""

    key: Secret
    mail: MailSender
    sms: SmsSender
    mail_from: str
    site_name: str
    public_url: str
    region: str
    to_this_machine: bool = False

    @property
    def host(self) -> str:
        return urlsplit(self.public_url).hostname or "localhost"


_in_force: Post | None = None


def open_post(settings: Settings) -> Post:
    """The post which is from now on in force in this process."""
    mail: MailSender = Folder(settings.data_dir / MAIL_FOLDER)
    if settings.smtp_url is not None:
        mail = Smtp.at(settings.smtp_url)
    host = urlsplit(settings.public_url).hostname or "localhost"
    return put_in_force(Post(
        key=settings.secret_key, mail=mail, sms=_sms(settings), mail_from=settings.mail_from or f"market@{host}",
        site_name=settings.site_name, public_url=settings.public_url, region=settings.site_region,
        to_this_machine=settings.webhooks_to_this_machine and settings.mode != "production",
    ))  # fmt: skip


def _sms(settings: Settings) -> SmsSender:
    if settings.sms_provider == "console":
        return ConsoleSms()
    assert settings.sms_key_secret is not None
    templates = dict(pair.split("=", 1) for pair in settings.sms_templates)
    return AliyunSms(settings.sms_url, settings.sms_key_id, settings.sms_key_secret, settings.sms_sign_name, templates)


def where_messages_go(settings: Settings) -> str:
    """For the console: whoever starts a market should not have to guess where its e-mails are."""
    mail = f"files in {settings.data_dir / MAIL_FOLDER}"
    if settings.smtp_url is not None:
        mail = f"through {urlsplit(settings.smtp_url.reveal()).hostname}"
    sms = "this console" if settings.sms_provider == "console" else settings.sms_provider
    return f"E-mails 邮件: {mail}; text messages 短信: {sms}"


def put_in_force(post: Post) -> Post:
    """For the composition root and for tests."""
    global _in_force
    _in_force = post
    return post


def post_in_force() -> Post:
    if _in_force is None:
        raise RuntimeError("the post is not open")
    return _in_force
