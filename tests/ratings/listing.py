"""A list of another authority, uploaded by one person of the operator and confirmed by another."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from market.accounts.actions import NewPerson, Roles, add_colleague
from market.demo.agencies import operator_of
from market.demo.world import World
from market.web.viewer import Viewer
from ratings.imported import queries
from ratings.imported.actions import NewUpload, confirm_upload, upload_list

SOURCE = "中国执行信息公开网"
LIST = "judgment_defaulters"
HEAD = "code,name,entered_on,until"


async def colleague_of(world: World) -> Viewer:
    """A second signatory of the operator."""
    operator = await operator_of(world)
    assert operator.organisation_id is not None
    person = NewPerson(login="operator-2", name="何平", phone="13800000001", password_hash="!")
    await add_colleague(operator.organisation_id, person, Roles(handler=True, signatory=True), now=world.now)
    return replace(operator, person_id=person.id, person_name=person.name)


async def uploaded(
    world: World, *lines: str, by: Viewer | None = None, queried: timedelta = timedelta(), name: str = LIST
) -> UUID:
    content = io.BytesIO("\n".join([HEAD, *lines]).encode())
    new = NewUpload(name, SOURCE, world.now - queried, "list.csv", content)
    return await upload_list(new, acting=by or await operator_of(world), files=world.running.files, now=world.now)


async def taken_over(world: World, second: Viewer, *lines: str) -> UUID:
    upload_id = await uploaded(world, *lines)
    diff = await queries.diff_of(await queries.upload_view(upload_id))
    await confirm_upload(upload_id, diff, acting=second, now=world.now)
    await world.run_until(world.now + timedelta(minutes=1))
    return upload_id
