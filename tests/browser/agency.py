"""What an agency does at the browser, from its application for entry to its delivery."""

from __future__ import annotations

from market.demo.agencies import credit_code, id_number
from tests.browser.owner import PASSWORD
from tests.browser.person import Person

NAME = "青岛海岳测绘有限公司"
CODE = credit_code(100_077)


async def open_account(person: Person) -> None:
    await person.open("/sign-up?kind=agency")
    await person.fill(
        organisation_name=NAME, code=CODE, legal_representative="韩立群", region_code="370202", address="青岛市市南区东海西路17号",
        organisation_phone="053280000017", name="孙晓梅", phone="13800000077", login="haiyue", password=PASSWORD,
        password_again=PASSWORD, terms=True,
    )  # fmt: skip
    await person.send("/sign-up")


async def apply_for_entry(person: Person) -> None:
    """Every section of the application, the check page, handed in."""
    await person.open("/agency/entry")
    await person.fill(
        established_on="2008-05-06", registered_capital="5000000",
        introduction="长期承担政府投资和企业投资项目的测量工作，质量管理体系健全。",
    )  # fmt: skip
    await person.send("/agency/firm")
    await person.fill(service_items="C001")
    await person.send("/agency/services")
    await person.fill(agreed=True)
    await person.send("/agency/commitment")
    await person.fill(licence=["营业执照.pdf"])
    await person.send("/agency/licence")
    await _add_rows(person)
    await person.open("/agency/entry/check")
    await person.send("/agency/entry/submit")


async def _add_rows(person: Person) -> None:
    await person.open("/agency/qualifications/new")
    await person.open("/agency/qualifications/new?kind=surveying-mapping")
    await person.fill(
        level="b", specialities="engineering", certificate_number="乙测资字37500077", valid_from="2024-01-01",
        valid_until="2029-12-31", scan=["测绘资质证书.pdf"],
    )  # fmt: skip
    await person.send("/agency/qualifications/new")
    await person.open("/agency/practitioners/new")
    await person.fill(
        person_name="郑海峰", id_number=id_number(77), profession="注册测绘师", certificate_number="370700077",
        valid_until="2029-12-31", insurance=["社保记录.pdf"],
    )  # fmt: skip
    await person.send("/agency/practitioners/new")
    await person.open("/agency/authorised/new")
    await person.fill(
        person_name="孙晓梅", phone="13800000077", insurance=["社保记录.pdf"], authority=["授权委托书.pdf"]
    )
    await person.send("/agency/authorised/new")


async def sign_up(person: Person, number: str) -> None:
    """From the project page, where the rules are shown line by line, to the receipt."""
    await person.open(f"/projects/{number}")
    await person.follow(person.page.locator(f'main a[href$="/projects/{number}/sign-up"]').first)
    people = person.page.locator('[name="authorised_person"]')
    await people.first.check()
    await person.fill(agreed=True)
    await person.send(f"/projects/{number}/sign-up")


async def withdraw(person: Person, number: str) -> None:
    await person.open(f"/projects/{number}")
    await person.follow(person.page.locator(f'main a[href$="/projects/{number}/sign-up/withdraw"]').first)
    await person.send("/sign-up/withdraw")


async def object_to(person: Person, number: str) -> str:
    """Raised on the result's page; returns the address of the objection."""
    await person.open(f"/projects/{number}/objections/new")
    await person.fill(grounds="中选机构公示的一名执业人员近期已在另一家机构注册，请核实其是否满足报名要求。")
    await person.send(f"/projects/{number}/objections")
    return person.path.split("?")[0]


async def deliver(person: Person, number: str) -> None:
    await person.open(f"/projects/{number}/delivery")
    await person.fill(
        files=["测量成果报告.pdf", "数字线划图.pdf"], statement="按合同约定提交全部成果，成果已经两级检查，质量合格。"
    )
    await person.send(f"/projects/{number}/delivery")


async def refuse_contract(person: Person, contract_url: str) -> None:
    """The reason, then the page that says what it costs."""
    await person.open(f"{contract_url}/refuse")
    await person.fill(reason="项目人员已另有安排，无法按期完成服务。")
    await person.send("/refuse")
    await person.send("/refuse")
