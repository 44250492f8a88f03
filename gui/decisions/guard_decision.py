"""The safety question of a reconcile: more of an object would vanish than usual; nothing goes until it is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from core.model.errors import ErrorCode
from gui.decisions import problem_decision
from gui.decisions.decision import Decision, NeedKind, NeedList
from gui.text import numbers
from gui.widgets.label import Label

if TYPE_CHECKING:
    from core.api.sync import Problem
    from core.app import Connection

KEY = "guard"


def read(connection: Connection, problems: list[Problem]) -> NeedList:
    """The questions that are open."""
    return problem_decision.as_needs(connection, problems, KEY)


def _ignore(_event: object) -> None:
    """The session hears of it all by its own engine."""


class GuardDecision(Decision):
    """Take them out (T), or keep them and look again (K); show what is here (Enter)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, name="guardDecision")
        self._explain = Label("soft", self, wrap=True, name="guardExplain")
        self.body.addWidget(self._explain)
        self._take = self.add_act("guardTake", Qt.Key.Key_T, self._on_take)
        self._keep = self.add_act("guardKeep", Qt.Key.Key_K, self._on_keep, primary=True)
        self._show = self.add_act("guardShow", None, self._on_show)
        self.retranslate()

    def retranslate(self) -> None:
        going = sum(int(need.what.params.get("going", 0)) for need in self.needs)
        self.word_act(self._take, self.tr("Take {count} records out of the mirror").format(count=numbers.number(going)))
        self.word_act(self._keep, self.tr("Keep them and look again"))
        self.word_act(self._show, self.tr("Show what is here"))
        self._explain.setText(
            self.tr(
                "Perhaps they were deleted, or your access was changed. Records that are taken out are kept for the"
                " grace time and come back if Salesforce shows them again."
            )
        )

    def show_needs(self, needs: NeedList) -> None:
        super().show_needs(needs)
        params = needs[0].what.params
        if len(needs) == 1 and {"going", "rows"} <= set(params):
            words = self.tr("{going} of {rows} records of {object} are no longer visible in Salesforce.")
            going, rows = numbers.number(int(params["going"])), numbers.number(int(params["rows"]))
            self.title.setText(words.format(going=going, rows=rows, object=needs[0].subject))
        self.remedy.hide()
        self.retranslate()

    def _on_take(self) -> None:
        objects = [need.object for need in self.needs if need.object]

        def work(connection: Connection) -> None:
            sync = connection.sync
            sync.reconcile(sync.make_control(), _ignore, objects, consent=True)

        self.run(work)

    def _on_keep(self) -> None:
        ids, session = [need.what.problem_id for need in self.needs], self.session
        if session is None:
            return
        self.run(lambda connection: connection.sync.retry_problems(ids), lambda _answer: session.sync_now())

    def _on_show(self) -> None:
        if self.need is not None and self.need.object:
            self.object_wished.emit(self.need.object)


GUARD = NeedKind(KEY, read, GuardDecision, lambda problem: problem.code is ErrorCode.TOO_MANY_GONE)
