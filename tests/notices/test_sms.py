"""Text messages: a provider by its documented protocol, the console where there is none, and a limit for each number."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from market.kernel.clock import FixedClock
from market.kernel.db import execute, fetch_value
from market.kernel.settings import Secret, Settings, SettingsError
from market.notices.actions import ask_for_code
from market.notices.failures import NotDelivered
from market.notices.sms.aliyun import AliyunSms, authorization, canonical_query
from market.notices.sms.text import SmsText
from tests.notices.aliyun import KEY_ID, KEY_SECRET, Aliyun
from tests.notices.scene import PHONE, Reader

TEXT = SmsText("message", {"what": "合同待签署 & 更多 *"}, "…")
TEMPLATES = {"message": "SMS_1", "code": "SMS_2"}


@asynccontextmanager
async def provider(code: str = "OK") -> AsyncIterator[tuple[Aliyun, AliyunSms]]:
    theirs = Aliyun(code)
    server = await asyncio.start_server(theirs.take, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield theirs, AliyunSms(url, KEY_ID, Secret(KEY_SECRET), "明选", TEMPLATES)


def test_the_example_of_the_documentation() -> None:
    query = canonical_query(
        {"RegionId": "cn-shanghai", "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"}
    )
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com", "x-acs-action": "RunInstances", "x-acs-version": "2014-05-26",
        "x-acs-date": "2023-10-26T10:22:32Z", "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    }  # fmt: skip
    made = authorization(
        "YourAccessKeyId", Secret("YourAccessKeySecret"), method="POST", path="/", query=query, headers=headers
    )
    assert made.endswith("Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")


async def test_the_provider_understands_us() -> None:
    async with provider() as (theirs, ours):
        await ours.send(PHONE, TEXT, reference="one")
        await ours.send(PHONE, TEXT, reference="one")  # another nonce
    asked = theirs.sent[0]
    assert (asked["PhoneNumbers"], asked["TemplateCode"], asked["SignName"], asked["OutId"]) == (
        PHONE,
        "SMS_1",
        "明选",
        "one",
    )
    assert json.loads(asked["TemplateParam"]) == {"what": "合同待签署 & 更多 *"}
    assert len(theirs.sent) == 2


async def test_another_key_is_not_let_in() -> None:
    async with provider() as (theirs, ours):
        with pytest.raises(NotDelivered, match="SignatureDoesNotMatch") as refused:
            await replace(ours, key_secret=Secret("another")).send(PHONE, TEXT, reference="one")
    assert (refused.value.for_good, theirs.sent) == (False, [])


REFUSED = (("isv.MOBILE_NUMBER_ILLEGAL", True), ("isv.BUSINESS_LIMIT_CONTROL", False), ("isp.SYSTEM_ERROR", False))


async def test_what_the_provider_refuses() -> None:
    for code, for_good in REFUSED:
        async with provider(code) as (_, ours):
            with pytest.raises(NotDelivered, match=code) as refused:
                await ours.send(PHONE, TEXT, reference="one")
        assert refused.value.for_good is for_good


async def test_a_provider_that_is_down() -> None:
    async with provider() as (_, ours):
        pass
    with pytest.raises(NotDelivered, match="not reached") as refused:
        await ours.send(PHONE, TEXT, reference="one")
    assert not refused.value.for_good


async def confirmed(someone: Reader) -> None:
    assert someone.viewer.person_id is not None
    await ask_for_code(someone.viewer.person_id, "sms", locale="zh_CN", now=someone.world.now)
    await someone.deliver()
    await execute("UPDATE message_address SET verified_at = asked_at WHERE channel = 'sms'")


async def test_the_console_names_no_number(someone: Reader, caplog: pytest.LogCaptureFixture) -> None:
    await confirmed(someone)
    with caplog.at_level(logging.WARNING):
        await someone.told()
        await someone.deliver()
    assert "138****8000" in caplog.text
    assert PHONE not in caplog.text
    assert "合同待签署" in caplog.text
    assert "道路测绘" not in caplog.records[-1].getMessage()


async def test_a_number_gets_so_many_a_day(someone: Reader, clock: FixedClock) -> None:
    async with provider() as (theirs, ours):
        someone = someone.through(sms=ours)
        await confirmed(someone)
        for number in range(22):
            await someone.told(f"contract.opened:{number}")
        await someone.deliver()
        assert len(theirs.sent) == 20  # one of them the code
        assert await fetch_value("SELECT count(*) FROM message_parcel WHERE channel = 'sms' AND state = 'waiting'") == 3
        clock.advance(days=1, hours=1)
        await someone.deliver()
        assert len(theirs.sent) == 23


def test_settings_name_all_that_is_missing() -> None:
    with pytest.raises(SettingsError) as bad:
        Settings.from_env(
            {"SMS_PROVIDER": "aliyun", "SMTP_URL": "smtp://mail.example.org", "SMS_TEMPLATES": "message=SMS_1"}
        )
    named = {problem.partition(":")[0] for problem in bad.value.problems}
    assert {"SMS_KEY_ID", "SMS_KEY_SECRET", "SMS_SIGN_NAME", "SMS_TEMPLATES", "MAIL_FROM"} <= named


@pytest.mark.parametrize("url", ["http://mail.example.org", "mail.example.org", "smtp://"])
def test_no_address_of_a_mail_server(url: str) -> None:
    with pytest.raises(SettingsError, match="SMTP_URL"):
        Settings.from_env({"SMTP_URL": url, "MAIL_FROM": "a@example.org"})
