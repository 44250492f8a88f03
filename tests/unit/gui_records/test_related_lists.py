"""What refers to a record: a few rows of each list, the way to all, and one quiet line for the empty ones."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.api.browse import RecordIds
from core.api.records import RelatedList
from core.model.filters import ListQuery
from core.model.refs import RecordRef
from gui.widgets.link_button import LinkButton
from gui.widgets.related_lists import ROWS, RelatedLists
from tests.helpers.fake_browse import FakeBrowse, FakeSession, column, record_id

pytestmark = pytest.mark.gui
ACCOUNT = RecordRef("Account", "001000000000001AAA")


class Related(FakeSession):
    """Contacts of the account are there, events are not."""

    def open_list(self, query: ListQuery) -> RecordIds:
        found = super().open_list(query)
        assert query.conditions[0].value == ACCOUNT.id
        return found if query.object == "Contact" else RecordIds(found.ids[:0], query)


def test_lists_are_short_and_lead_on(qtbot: QtBot) -> None:
    columns = (column("Name"), column("Email"), column("AccountId"), column("WhatId"), column("Subject"))
    browse = FakeBrowse(Related(range(1, 12), columns))
    lists = RelatedLists(browse)  # type: ignore[arg-type]
    qtbot.addWidget(lists)
    lists.resize(400, 500)
    wanted: list[Any] = []
    lists.record_wanted.connect(lambda ref, apart: wanted.append((ref, apart)))
    lists.all_wanted.connect(lambda *told: wanted.append(told))
    lists.show()
    lists.show_lists(
        ACCOUNT,
        (
            RelatedList("Contacts", "Contact", "AccountId", ("Name", "Email")),
            RelatedList("Events", "Event", "WhatId", ("Subject",)),
            RelatedList("Not here", "Case", "Missing__c", ("Subject",)),
        ),
    )
    qtbot.waitUntil(lambda: len(lists.findChildren(LinkButton, "relatedName")) == ROWS)
    empty = lists.findChild(QLabel, "relatedEmpty")
    assert empty is not None
    assert empty.text() == "Nothing in: Events"
    lists.findChildren(LinkButton, "relatedName")[0].click()
    lists.findChildren(LinkButton, "relatedAll")[0].click()
    assert wanted == [(RecordRef("Contact", record_id(1)), False), ("Contact", "AccountId", ACCOUNT)]
