"""What a backlog means, by Marketo's rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.mirror.throughput import HourLine
from core.sync.backlog import pace_of

NOW = datetime(2026, 5, 4, 12, 40, tzinfo=UTC)
HOUR = datetime(2026, 5, 4, 12, tzinfo=UTC)


def ago(hours: int, done: int = 0, backlog: int | None = None) -> HourLine:
    return HourLine(HOUR - timedelta(hours=hours), done, backlog)


def test_the_pace_is_over_a_rolling_day() -> None:
    lines = [ago(30, 9000), ago(5, 240), ago(0, 480)]
    pace = pace_of(lines, 60, NOW)
    assert (pace.per_hour, pace.highest, pace.lowest) == (30.0, 480, 0)
    assert pace.seconds_left == 7200


def test_what_does_not_move_has_no_end() -> None:
    assert pace_of([], 5, NOW).seconds_left is None
    assert pace_of([], 0, NOW).seconds_left == 0


@pytest.mark.parametrize(
    ("lines", "waiting", "growing"),
    [([], 0, False), ([], 1, True), ([ago(6, 0, 10)], 10, False), ([ago(6, 0, 10)], 11, True),
     ([ago(9, 0, 10)], 11, True), ([ago(6, 0, 10), ago(3, 0, 50)], 10, False), ([ago(3, 0, 50)], 40, True)],
)  # fmt: skip
def test_it_grows_where_more_waits_than_six_hours_ago(lines: list[HourLine], waiting: int, growing: bool) -> None:
    assert pace_of(lines, waiting, NOW).growing is growing
