"""When an objection may be raised."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from market.kernel.errors import Refusal
from projects.rules import Stage
from projects.selection.objections.rules import check_objection

START = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize("stage", list(Stage))
def test_objections_belong_to_the_notice(stage: Stage) -> None:
    ends_at = START + timedelta(days=3)
    if stage is Stage.RESULT_NOTICE:
        check_objection(stage, ends_at, ends_at - timedelta(microseconds=1))
        with pytest.raises(Refusal):
            check_objection(stage, ends_at, ends_at)
    else:
        with pytest.raises(Refusal):
            check_objection(stage, ends_at, START)
