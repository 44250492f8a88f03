"""A stored problem: what Salesforce said, what it means, and retry, ignore, open, copy. The usual row of *Needs you*.

Problems that ask a question of their own have a kind of their own, which takes them; this one takes all others.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from core.model.states import ProblemKind
from gui.decisions.decision import Decision, Need, NeedKind, NeedList
from gui.text import errors, numbers
from gui.widgets.label import Label
from gui.widgets.safe_links import open_in_salesforce

if TYPE_CHECKING:
    from core.api.sync import Problem
    from core.app import Connection

KEY = "problem"


def read(connection: Connection, problems: list[Problem]) -> NeedList:
    """What no kind of its own has taken."""
    return as_needs(connection, problems, KEY)


def as_needs(connection: Connection, problems: list[Problem], kind: str) -> NeedList:
    """Problems as rows; the names of their records are looked up, each once. For a background thread."""
    ids = {problem.record_id for problem in problems if problem.record_id}
    names: dict[str, str] = {}
    labels: dict[str, str] = {}
    if problems:
        with connection.browse.session() as session:
            labels = {item.name: item.label_plural for item in session.objects()}
            for record_id in ids:
                names[record_id] = session.lookup_name(record_id) or record_id
    return [_need(problem, kind, names, labels) for problem in problems]


def _need(problem: Problem, kind: str, names: dict[str, str], labels: dict[str, str]) -> Need:
    error = problem.error
    said = errors.words(error)
    label = labels.get(problem.object, problem.object) if problem.object else ""
    return Need(
        key=f"{kind}:{problem.problem_id}",
        kind=kind,
        group=str(problem.kind),
        title=said.title,
        remedy=said.remedy,
        what=problem,
        subject=names[problem.record_id] if problem.record_id else label,
        object=problem.object,
        record_id=problem.record_id,
        field=problem.field,
        code=problem.code.value,
        salesforce_code=problem.salesforce_code or "",
        salesforce_text=problem.salesforce_text or "",
        attempts=problem.attempts,
        next_try_at=problem.next_try_at,
        at=problem.last_at,
        alike=(problem.object, problem.code, problem.field, problem.salesforce_code, problem.salesforce_text),
    )


class ProblemDecision(Decision):
    """Retry (R), ignore (I), open here (Enter) or in Salesforce (O), copy (C)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, name="problemDecision")
        self._said = QFrame(self)
        self._said.setProperty("area", "sunken")
        self._said_title = Label("small", self._said)
        self._said_text = Label("soft", self._said, wrap=True, name="problemSaid")
        self._said_text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        inside = QVBoxLayout(self._said)
        inside.setSpacing(2)
        inside.addWidget(self._said_title)
        inside.addWidget(self._said_text)
        self._facts = Label("small", self, wrap=True, name="problemFacts")
        self._facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.body.addWidget(self._said)
        self.body.addWidget(self._facts)
        self._retry = self.add_act("needsYouRetry", Qt.Key.Key_R, self._on_retry, primary=True)
        self._ignore = self.add_act("needsYouIgnore", Qt.Key.Key_I, self._on_ignore)
        self._open = self.add_act("needsYouOpen", None, self._on_open, shown=self._has_record)
        self._salesforce = self.add_act("needsYouSalesforce", Qt.Key.Key_O, self._on_salesforce, shown=self._is_there)
        self._copy = self.add_act("needsYouCopy", Qt.Key.Key_C, self._on_copy)
        self.retranslate()

    def retranslate(self) -> None:
        many = len(self.needs)
        self._said_title.setText(self.tr("Salesforce says"))
        if many > 1:
            self.word_act(self._retry, self.tr("Try all {count} again").format(count=numbers.number(many)))
            self.word_act(self._ignore, self.tr("Ignore all {count}").format(count=numbers.number(many)))
        else:
            self.word_act(self._retry, self.tr("Try again"))
            self.word_act(self._ignore, self.tr("Ignore"))
        self._ignore.setAccessibleDescription(self.tr("It comes back when it happens again after it was well."))
        self.word_act(self._open, self.tr("Open the record"))
        self.word_act(self._salesforce, self.tr("Open in Salesforce"))
        self.word_act(self._copy, self.tr("Copy details"))

    def show_needs(self, needs: NeedList) -> None:
        super().show_needs(needs)
        need = needs[0]
        said = [part for part in (need.salesforce_code, need.salesforce_text) if part]
        # Some sentences have Salesforce's words in them already.
        self._said.setVisible(any(part not in need.title for part in said))
        self._said_text.setText("\n".join(said))
        self._facts.setText("\n".join(self._fact_lines(needs)))
        self.retranslate()

    def _fact_lines(self, needs: NeedList) -> list[str]:
        need = needs[0]
        lines = []
        if len(needs) > 1:
            subjects = ", ".join(each.subject for each in needs[:5])
            more = "…" if len(needs) > 5 else ""
            lines.append(f"{subjects}{more}")
        else:
            lines += [part for part in (need.subject, need.field) if part]
        if need.attempts:
            lines.append(self.tr("Attempts: {count}").format(count=numbers.number(need.attempts)))
        if need.next_try_at:
            lines.append(self.tr("Next try: {time}").format(time=numbers.moment_text(need.next_try_at)))
        if need.at:
            lines.append(self.tr("Last: {time}").format(time=numbers.ago(need.at, datetime.now(UTC))))
        return lines

    def _has_record(self) -> bool:
        return len(self.needs) == 1 and self.needs[0].ref is not None

    def _is_there(self) -> bool:
        return self._has_record() and self.needs[0].group != ProblemKind.GONE

    def _ids(self) -> list[int]:
        return [need.what.problem_id for need in self.needs]

    def _on_retry(self) -> None:
        ids, session = self._ids(), self.session
        if session is None:
            return
        objects = tuple(sorted({need.object for need in self.needs if need.object}))
        self.run(
            lambda connection: connection.sync.retry_problems(ids),
            lambda _answer: session.sync_now(objects or None),
        )

    def _on_ignore(self) -> None:
        ids = self._ids()
        self.run(lambda connection: connection.sync.ignore_problems(ids))

    def _on_open(self) -> None:
        ref = self.needs[0].ref if self.needs else None
        if ref is not None:
            self.record_wished.emit(ref)

    def _on_salesforce(self) -> None:
        need = self.need
        if need is not None and need.record_id and self.session is not None:
            address = f"{self.session.connection.info.instance_url.rstrip('/')}/{need.record_id}"
            if not open_in_salesforce(address):
                self.told.emit(self.tr("No browser could be opened"))

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText("\n\n".join(report(need) for need in self.needs))
        self.told.emit(self.tr("Copied"))


def report(need: Need) -> str:
    """What Copy puts on the clipboard."""
    text = errors.report(need.what.error)
    facts = [part for part in (need.object, need.record_id, need.field, need.salesforce_text) if part]
    return "\n".join([text, *facts])


PROBLEM = NeedKind(KEY, read, ProblemDecision, lambda _problem: True)
