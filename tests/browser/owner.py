"""What a project owner does at the browser."""

from __future__ import annotations

from playwright.async_api import expect

from market.demo.agencies import credit_code
from market.demo.projects import SURVEY
from tests.browser.person import Person

PASSWORD = "秋天的海风吹过老栈桥边"
TITLE = "市北区敦化路老旧小区改造工程测量"


async def open_account(person: Person, *, login: str = "wangmin") -> None:
    """A public body with its first person, through the form."""
    await person.open("/sign-up?kind=public_body")
    await person.fill(
        organisation_name="青岛市市北区住房和城乡建设局", code=credit_code(4711, region="370203", kind="11"),
        legal_representative="李建国", region_code="370203", address="青岛市市北区敦化路 1 号", organisation_phone="0532-85911234",
        name="王敏", phone="13800000001", login=login, password=PASSWORD, password_again=PASSWORD, terms=True,
    )  # fmt: skip
    await person.send("/sign-up")


ANSWERS = {
    "region_code": "370203", "scale": SURVEY["scale"], "content": SURVEY["content"], "service_days": "5", "funding": "all",
    "estimate": "yes", "budget": "180000", "price": "152000", "contact_name": "王敏", "contact_phone": "0532-85911234",
    "complaint_phone": "0532-85911200", "not_excluded": True,
}  # fmt: skip


async def write_notice(person: Person) -> None:
    """Draft → saved by itself → checked. The check page stands open afterwards."""
    await person.open("/owner/drafts")
    await person.send("/owner/drafts")
    await person.fill(title=TITLE, service_items="C001")
    level = person.page.locator('[name="need:surveying-mapping:engineering"]')
    await expect(level).to_have_value("=b")  # the catalogue's condition comes by itself
    await expect(person.page.locator("#draft-matching")).to_contain_text("3")
    await person.fill(**ANSWERS)
    await expect(person.page.locator("#draft-form").get_by_role("status")).to_have_text("草稿已保存")
    await person.look()
    await person.send(_path(person), button="check")


async def write_notice_without_scripts(person: Person) -> None:
    """The same in two steps: saving the draft shows which qualifications may be asked for."""
    await person.open("/owner/drafts")
    await person.send("/owner/drafts")
    await person.fill(title=TITLE, service_items="C001")
    await person.press(person.page.locator('#draft-form [type="submit"]:not([name])'))
    await expect(person.page.locator('[name="need:surveying-mapping:engineering"]')).to_have_value("=b")
    await expect(person.page.locator('[name="title"]')).to_have_value(TITLE)
    await person.fill(**ANSWERS)
    await person.send(_path(person), button="check")


def _path(person: Person) -> str:
    return person.path.split("?")[0].split("#")[0]


async def publish(person: Person) -> str:
    """From the check page; returns the project's number."""
    await person.send("/publish")
    return _path(person).removeprefix("/projects/")


async def sign(person: Person, contract_url: str) -> None:
    await person.open(f"{contract_url}/sign")
    await person.fill(agree=True)
    await person.send("/sign")


async def return_delivery(person: Person, number: str) -> None:
    await person.open(f"/projects/{number}/acceptance")
    await person.fill(where_1="成果报告第三章", what_1="控制点成果表与附图编号不一致，请核对后重新提交。")
    await _answer(person, "return")


async def accept_delivery(person: Person, number: str) -> None:
    await person.open(f"/projects/{number}/acceptance")
    await _answer(person, "accept")


async def _answer(person: Person, decision: str) -> None:
    """First the answer, then the page that says what follows from it."""
    for _ in range(2):
        form = person.page.locator(f'form[action$="/acceptance"]:has([name="decision"][value="{decision}"])')
        await person.press(form.locator('[type="submit"]'))


async def rate(person: Person, number: str, stars: int, reasons: str = "") -> None:
    """The same mark for everything that is asked."""
    await person.open(f"/projects/{number}/rating")
    marks = person.page.locator(f'[name^="mark-"][value="{stars}"]')
    for place in range(await marks.count()):
        await marks.nth(place).check()
    await person.fill(reasons=reasons)
    await person.send("/rating")
