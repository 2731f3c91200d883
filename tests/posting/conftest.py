from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from market.accounts.actions import NewOrganisation, NewPerson, register_organisation
from market.demo.projects import open_owner
from market.demo.world import World
from market.kernel.db import execute
from market.kernel.ids import new_id
from market.web.viewer import Viewer

OWNER_CODE = "11370203004205678J"
OTHER_CODE = "113702030042099991"
SURVEYORS = ("91370200MA3C1AAA1X", "91370200MA3C2BBB2X", "91370200MA3C3CCC3X", "91370200MA3C4DDD4X")


async def admitted_agency(
    world: World, code: str, *, items: list[str] | None = None, level: str | None = "b", **organisation: Any
) -> UUID:
    """An agency as an admission leaves it, with one surveying certificate in force (or none)."""
    made = NewOrganisation(
        kind="agency", code=code, name=organisation.pop("name", f"测绘公司 {code[-4:]}"),
        legal_representative=organisation.pop("legal_representative", f"法人{code[-4:]}"), region_code="370200", address="青岛",
        phone="053280000000", **organisation,
    )  # fmt: skip
    person = NewPerson(login=f"u-{code.lower()}", name="赵强", phone="13900000000", password_hash="!")
    await register_organisation(made, person, now=world.now)
    await execute(
        "INSERT INTO agency (organisation_id, stage, introduction, service_items, admitted_at)"
        " VALUES ($1, 'admitted', '', $2, $3)", made.id, items or ["C001"], world.now,
    )  # fmt: skip
    if level:
        await execute(
            "INSERT INTO agency_qualification (id, agency_id, qualification_type, level, specialities, certificate_number,"
            " valid_from, valid_until, review, created_at) VALUES ($1,$2,'surveying-mapping',$3,'{engineering}',$4,$5,$6,"
            "'accepted',$7)",
            new_id(), made.id, level, f"甲测资字{code[-4:]}", date(2025, 1, 1), date(2027, 12, 31), world.now,
        )  # fmt: skip
    return made.id


@pytest.fixture
async def owner(world: World) -> Viewer:
    return await open_owner(world, name="青岛市市北区住房和城乡建设局", code=OWNER_CODE)


@pytest.fixture
async def other_owner(world: World) -> Viewer:
    return await open_owner(world, name="青岛市市北区教育和体育局", code=OTHER_CODE, legal_representative="周立")


@pytest.fixture
async def surveyors(world: World) -> list[UUID]:
    """Four admitted agencies that meet the survey notice."""
    return [await admitted_agency(world, code) for code in SURVEYORS]
