"""Lists of other authorities that a visitor of the demonstration finds: one taken over, with an agency and an owner of this
market among strangers, and one that waits for its second pair of eyes."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from market.demo.agencies import credit_code, operator_of
from market.demo.story import STORY_ENDS, City
from market.kernel.db import fetch_one
from market.web.viewer import Viewer
from ratings.imported import queries
from ratings.imported.actions import NewUpload, confirm_upload, upload_list

COURTS = "中国执行信息公开网"
REGISTRY = "国家企业信用信息公示系统"
STRANGERS = (("青岛顺泰物资有限公司", 901), ("莱西永固建材有限公司", 902), ("胶州鸿途运输有限公司", 903))
LISTED_OWNER = 3
LISTED_AGENCY, FOUND_SINCE = 33, 45


def plan_lists(city: City) -> None:
    scenes = Lists(city)
    city.script.at(STORY_ENDS - timedelta(days=12, hours=2), scenes.take_over)
    city.script.at(STORY_ENDS - timedelta(hours=3), scenes.wait_for_a_second)


class Lists:
    def __init__(self, city: City) -> None:
        self.city = city
        self.world = city.world

    async def take_over(self) -> None:
        agency, owner = self.city.agents[LISTED_AGENCY].viewer, self.city.owners[LISTED_OWNER]
        upload_id = await self._upload("judgment_defaulters", COURTS, [agency, owner], date(2026, 5, 22))
        found = await queries.diff_of(await queries.upload_view(upload_id))
        await confirm_upload(upload_id, found, acting=await self._second(), now=self.world.now)

    async def wait_for_a_second(self) -> None:
        agency = self.city.agents[FOUND_SINCE].viewer
        await self._upload("abnormal_operations", REGISTRY, [agency], date(2026, 6, 11))

    async def _upload(self, name: str, source: str, here: list[Viewer], day: date) -> UUID:
        lines = [f"{credit_code(number)},{stranger},2025-11-0{number % 10},\n" for stranger, number in STRANGERS]
        lines += [f"{one.organisation_code},{one.organisation_name},{day.isoformat()},\n" for one in here]
        content = io.BytesIO(("统一社会信用代码,名称,列入日期,有效期至\n" + "".join(lines)).encode("gbk"))
        new = NewUpload(name, source, self.world.now - timedelta(hours=1), "名单.csv", content)
        return await upload_list(
            new, acting=await operator_of(self.world), files=self.world.running.files, now=self.world.now
        )

    async def _second(self) -> Viewer:
        row = await fetch_one("SELECT id, name FROM person WHERE login = 'operator2'")
        assert row is not None
        return replace(await operator_of(self.world), person_id=row["id"], person_name=row["name"])
