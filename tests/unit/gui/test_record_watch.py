"""A record that is looked at is read anew, once; its kin, its losses and its star are shown beside it."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from core.mirror.following import Followed
from core.mirror.kin import KinLink, Link, LostValue
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import RecordRef
from gui.models.record_watch import RecordSide, RecordWatch
from gui.operations import Operations
from gui.widgets.kin_bar import KinBar
from gui.widgets.label import Label
from gui.widgets.link_button import LinkButton
from tests.helpers.fake_app import FakeConnection
from tests.helpers.fake_lookback import NOW

LEAD = RecordRef("Lead", "00Q000000000001AAA")
MASTER = RecordRef("Lead", "00Q000000000002AAA")


class Clock:
    """Seconds that a test owns."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def refreshes(connection: FakeConnection) -> int:
    return sum(1 for call in connection.sync.asked if call[0] == "refresh")


def test_it_is_read_anew_once_a_minute_and_told_to_all(qtbot: QtBot, operations: Operations) -> None:
    connection, clock = FakeConnection(), Clock()
    connection.sync.fresh = True
    watch = RecordWatch(connection, operations, clock=clock)
    watch._rest.setInterval(0)
    with qtbot.waitSignal(operations.changed) as told:
        watch.show(LEAD, "Ada")
    assert told.args is not None
    assert told.args[0][0].objects == {"Lead": frozenset({LEAD.id})}
    clock.now += 30
    watch._refresh()
    assert refreshes(connection) == 1
    clock.now += 31
    watch._refresh()
    qtbot.waitUntil(lambda: refreshes(connection) == 2)
    watch.leave()


def test_a_record_made_here_is_not_asked_for(qtbot: QtBot, operations: Operations) -> None:
    connection = FakeConnection()
    watch = RecordWatch(connection, operations)
    watch._rest.setInterval(0)
    with qtbot.waitSignal(watch.side_read):
        watch.show(RecordRef("Lead", "new-1234"), "Ada")
    assert not watch._rest.isActive()
    assert refreshes(connection) == 0


def test_a_refresh_that_fails_is_quiet(qtbot: QtBot, operations: Operations) -> None:
    connection = FakeConnection()

    def offline(_name: str, _id: str) -> object:
        raise OrgMirrorError(ErrorCode.CANNOT_CONNECT)

    connection.sync.refresh_record = offline  # type: ignore[method-assign, assignment]
    watch = RecordWatch(connection, operations)
    told: list[object] = []
    watch.refreshing.connect(told.append)
    watch._rest.setInterval(0)
    watch.show(LEAD, "Ada")
    qtbot.waitUntil(lambda: told == [LEAD, None])


def test_the_star_follows_and_lets_go(qtbot: QtBot, operations: Operations) -> None:
    connection = FakeConnection()
    watch = RecordWatch(connection, operations)
    watch.show(LEAD, "Ada")
    watch.follow(True, None)
    qtbot.waitUntil(lambda: ("follow", LEAD, "Ada") in connection.sync.asked)
    connection.sync.stored_followed = [Followed(7, "Lead", "Ada", NOW, LEAD.id)]
    with qtbot.waitSignal(watch.side_read) as read:
        watch.read_side()
    assert read.args is not None
    assert read.args[0].follow_id == 7
    watch.follow(False, 7)
    qtbot.waitUntil(lambda: ("unfollow", 7) in connection.sync.asked)
    watch.leave()


def test_a_merged_record_shows_its_master_and_what_was_lost(qtbot: QtBot) -> None:
    bar = KinBar()
    qtbot.addWidget(bar)
    bar.show_side(RecordSide(LEAD))
    assert bar.isHidden()
    lost = (LostValue(LEAD.id, "Phone", "Phone", "+49 <1>", None, "2026-03-01T10:00:00.000Z"),)
    bar.show_side(RecordSide(LEAD, (KinLink(Link.MERGED_INTO, MASTER, "Ada Lovelace"),), lost))
    assert not bar.isHidden()
    link = bar.findChild(LinkButton, f"kin_{MASTER.id}")
    assert link is not None
    with qtbot.waitSignal(bar.record_wanted) as wanted:
        link.click()
    assert wanted.args == [MASTER, False]
    show = bar.findChild(QAbstractButton, "kinLost")
    values = bar.findChild(Label, "kinLostValues")
    assert show is not None
    assert values is not None
    assert values.isHidden()
    show.click()
    assert not values.isHidden()
    assert values.text() == "Phone: +49 <1> (now –)"


def test_a_converted_lead_links_to_what_it_became(qtbot: QtBot) -> None:
    bar = KinBar()
    qtbot.addWidget(bar)
    contact = RecordRef("Contact", "003000000000001AAA")
    gone = RecordRef("Opportunity", "006000000000001AAA")
    kin = (KinLink(Link.CONVERTED_TO, contact, "Ada"), KinLink(Link.CONVERTED_TO, gone, "", here=False))
    bar.show_side(RecordSide(LEAD, kin))
    assert bar.findChild(LinkButton, f"kin_{contact.id}") is not None
    assert bar.findChild(LinkButton, f"kin_{gone.id}") is None
    shown = [label.text() for label in bar.findChildren(Label)]
    assert f"{gone.id} (no longer here)" in shown
    bar.show_side(None)
    assert bar.isHidden()
