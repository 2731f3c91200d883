"""A person who can be reached, and what reached them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from market.accounts.actions import change_profile, tell
from market.demo.world import World
from market.kernel.db import transaction
from market.notices.actions import ask_for_code, give_code
from market.notices.carrying import carry
from market.notices.delivery import deliver
from market.notices.post import MAIL_FOLDER, Post, open_post, put_in_force
from market.web.viewer import Viewer

EMAIL = "wang.fang@example.org"
PHONE = "13800138000"
_CODE = re.compile(r"\b\d{6}\b")


@dataclass
class Reader:
    """`viewer` at `EMAIL`, confirmed by the code that came there."""

    world: World
    viewer: Viewer
    post: Post

    async def told(self, cause: str = "contract.opened:1", **changed: Any) -> None:
        facts = changed.pop("facts", {"project": "道路测绘"})
        text = changed.pop("text", "The contract of {project} waits for your signature.")
        assert self.viewer.organisation_id is not None
        async with transaction():
            await tell(
                self.viewer.organisation_id,
                text,
                link="/contracts/1",
                cause=cause,
                facts=facts,
                now=self.world.now,
                **changed,
            )
        while await carry(self.world.now):
            pass

    async def deliver(self) -> int:
        return await deliver(self.post, self.world.now)

    @property
    def mails(self) -> list[EmailMessage]:
        """In the folder where e-mails lie when there is no server."""
        return [read(path.read_bytes()) for path in sorted((self.world.settings.data_dir / MAIL_FOLDER).glob("*.eml"))]

    def through(self, **ways: Any) -> Reader:
        return replace(self, post=put_in_force(replace(self.post, **ways)))


def read(raw: bytes) -> EmailMessage:
    message = BytesParser(policy=policy.default).parsebytes(raw)
    assert isinstance(message, EmailMessage)
    return message


def plain(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def html(mail: EmailMessage) -> str:
    body = mail.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def code_in(mails: Sequence[EmailMessage]) -> str:
    found = _CODE.search(plain(mails[-1]))
    assert found
    return found.group()


async def reader(world: World, viewer: Viewer) -> Reader:
    assert viewer.person_id is not None
    await change_profile(viewer.person_id, name="王芳", phone=PHONE, email=EMAIL)
    made = Reader(world, viewer, open_post(world.settings))
    await ask_for_code(viewer.person_id, "email", locale="zh_CN", now=world.now)
    await made.deliver()
    await give_code(viewer.person_id, "email", code_in(made.mails), key=world.settings.secret_key)
    for path in (world.settings.data_dir / MAIL_FOLDER).glob("*.eml"):
        path.unlink()
    return made
