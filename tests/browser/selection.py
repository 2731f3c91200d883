"""What owners, agencies and experts do at the browser for methods other than the draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from playwright.async_api import expect

from tests.browser.owner import ANSWERS, TITLE, publish
from tests.browser.person import Person

# Name, what is judged, weight in percent.
CRITERIA = (
    ("技术方案", "测量方法和精度控制是否满足需求", "40"),
    ("项目组织", "人员、设备和进度安排是否可行", "20"),
)


async def post_notice(
    person: Person, method: str, *, invited: Sequence[str] = (), criteria: bool = False, files: Sequence[str] = (),
    **answers: Any,
) -> str:  # fmt: skip
    """Draft → method chosen, which shows what it asks → checked → published. Returns the project's number."""
    await person.open("/owner/drafts")
    await person.send("/owner/drafts")
    await person.fill(title=TITLE, service_items="C001")
    await expect(person.page.locator('[name="need:surveying-mapping:engineering"]')).to_have_value("=b")
    await person.fill(method=method)
    await person.fill(**{**without_price(ANSWERS), **answers})
    if criteria:
        await _criteria(person)
    for code in invited:
        await person.page.locator(f'[name="invited_code"][value="{code}"]').check()
    await expect(person.page.locator("#draft-form").get_by_role("status")).to_have_text("草稿已保存")
    if person.keep_looking:
        await person.look()
    path = person.path.split("?")[0].split("#")[0]
    for name in files:
        await person.fill(document=[name])
        await person.send(f"{path}/files")
    await person.send(path, button="check")
    return await publish(person)


def without_price(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answers.items() if name != "price"}


async def _criteria(person: Person) -> None:
    for place, (name, about, weight) in enumerate(CRITERIA):
        for field, value in (("name", name), ("description", about), ("weight", weight)):
            await person.page.locator(f'[name="criterion_{field}"]').nth(place).fill(value)


async def bid(person: Person, number: str, amount: str, proposal: str = "") -> None:
    """The amount is sealed in this browser; what arrives is the sealed file, for a receipt."""
    await person.open(f"/projects/{number}/bid")
    await person.page.locator('[name="authorised_person"]').first.check()
    await person.fill(agreed=True)
    await person.page.locator("[data-amount]").fill(amount)
    if proposal:
        await person.fill(proposal=[proposal])
    await person.page.locator('[data-part="seal"] [type="submit"]').click()
    send = person.page.locator('[data-part="send"]')
    await expect(send).to_be_visible()
    await person.press(send)


async def bid_live(person: Person, number: str, amount: str) -> None:
    field = person.page.locator("#f-quoted")
    await expect(field).to_be_visible()
    await field.fill(amount)
    await field.press("Enter")
    await expect(person.page.locator("#own-bids .live-bids__one").first).to_contain_text(amount)


async def score(person: Person, mark: str) -> None:
    """From the work bench: accept the invitation, fill in the whole sheet, check, sign."""
    await person.open("/workbench")
    await person.follow(person.page.locator('main a[href^="/expert/panels/"]').first)
    await person.fill(no_conflict=True)
    await person.send("/accept")
    marks = person.page.locator('[name^="mark-"]')
    for place in range(await marks.count()):
        await marks.nth(place).fill(str(int(mark) + place))
    await person.send("/marks")
    await person.send("/sign")


async def compute_again(person: Person, number: str, no: int = 1) -> None:
    """On the page of the result, every value is found again in this browser."""
    await person.open(f"/projects/{number}/rounds/{no}")
    check = person.page.locator("selection-check")
    await check.get_by_role("button").first.click()
    await expect(check.locator('[data-part="seal"]')).to_be_visible()
    await expect(check.locator('[data-part="refused"]')).to_be_hidden()
    if person.keep_looking:
        await person.look()
