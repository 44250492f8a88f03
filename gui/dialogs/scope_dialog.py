"""`ScopeDialog`, *What to mirror*: objects ticked or not, and of each its records, fields, direction and policies.

GUI thread, not modal. Nothing is changed while choosing: "Apply" asks for the plan of each change, says what would
leave and what would come, and only then the wishes are kept and carried out, in the background. The dialog may be
closed meanwhile; what was applied goes on by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.model.errors import OrgMirrorError
from gui.desktop import icons
from gui.desktop.theme import Space
from gui.models.scope_drafts import Draft, ScopeDrafts
from gui.operations import QueryOp
from gui.text import errors, numbers, scope_words
from gui.widgets.label import Label
from gui.widgets.object_scope_panel import ObjectScopePanel
from gui.widgets.state_panel import PageState, StateAction, StatePanel
from gui.widgets.tick_list import Tick, TickList
from gui.workers.session import Session

if TYPE_CHECKING:
    from core.api.scope import AvailableObject, ObjectScope, ScopeChange, ScopePlan

_SIZE = QSize(980, 700)
_LIST_WIDTH = 270


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the bar at the foot asks consent for: changes with their plans, or an act of one object."""

    plans: tuple[ScopePlan, ...] = ()
    start_over: str = ""
    drop: str = ""


class ScopeDialog(QDialog):
    """`told` says what became of it, for a note in the window: the dialog may be gone by then."""

    told = Signal(str)

    def __init__(self, session: Session, object_name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scopeDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._session = session
        self._scope = session.connection.scope
        self._drafts = ScopeDrafts()
        self._offered: tuple[AvailableObject, ...] = ()
        self._wanted = object_name
        self._shown = ""
        self._wish: _Wish | None = None
        self._reading: QueryOp[ObjectScope] | None = None
        self._planning: QueryOp[_Wish] | None = None
        self.objects = TickList(self, name="scopeObjects")
        self.objects.ticked.connect(self._on_ticked)
        self.objects.current_changed.connect(self._show_object)
        self.panel = ObjectScopePanel(self._scope, session.operations, self)
        self.panel.edited.connect(self._on_edited)
        self.panel.start_over_wished.connect(self._on_start_over)
        self.panel.drop_wished.connect(self._on_drop)
        self._state = StatePanel(self, name="scopeState")
        self._state.acted.connect(self._on_action)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.panel)
        self._stack.addWidget(self._state)
        self._bar = QFrame(self)
        self._bar.setObjectName("scopePlan")
        self._plan_title = Label("strong", self._bar, wrap=True, name="scopePlanTitle")
        self._plan_text = Label("soft", self._bar, wrap=True, name="scopePlanText")
        self._note = Label("muted", self, wrap=True, name="scopeNoteLine")
        self.apply = self._button("scopeApply", self._on_apply, kind="primary")
        self.back = self._button("scopeBack", self._on_back)
        self._close = self._button("scopeClose", self.close)
        self._lay_out()
        self.retranslate()
        self.resize(_SIZE.boundedTo(QGuiApplication.primaryScreen().availableSize() * 0.92))
        self._show_state(PageState.OPENING)
        self._read_offered()

    def _button(self, name: str, call: object, *, kind: str = "") -> QPushButton:
        button = QPushButton(self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        if kind:
            button.setProperty("kind", kind)
        if callable(call):
            button.clicked.connect(lambda _checked=False: call())
        return button

    def _lay_out(self) -> None:
        left = QWidget(self)
        list_box = QVBoxLayout(left)
        list_box.setContentsMargins(Space.L, Space.L, Space.S, Space.S)
        list_box.addWidget(self.objects)
        splitter = QSplitter(self)
        splitter.setObjectName("scopeSplitter")
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(left)
        splitter.addWidget(self._stack)
        splitter.setSizes([_LIST_WIDTH, _SIZE.width() - _LIST_WIDTH])
        splitter.setStretchFactor(1, 1)
        plan = QVBoxLayout(self._bar)
        plan.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        plan.setSpacing(2)
        plan.addWidget(self._plan_title)
        plan.addWidget(self._plan_text)
        self._bar.hide()
        line = QFrame(self)
        line.setProperty("area", "line")
        foot = QHBoxLayout()
        foot.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        foot.setSpacing(Space.S)
        foot.addWidget(self._note, 1)
        foot.addWidget(self._close)
        foot.addWidget(self.back)
        foot.addWidget(self.apply)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(splitter, 1)
        layout.addWidget(line)
        layout.addWidget(self._bar)
        layout.addLayout(foot)

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("What to mirror – {name}").format(name=self._session.connection.info.name))
        self.objects.set_words(self.tr("Find an object"), self.tr("Objects"))
        self._close.setText(self.tr("Close"))
        self.back.setText(self.tr("Back"))
        self.panel.retranslate()
        self._refresh()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._wish is not None:
            self._on_back()
            return
        super().keyPressEvent(event)

    # Reading

    def choose(self, object_name: str) -> None:
        """Show another object."""
        self._wanted = object_name
        if object_name:
            self.objects.choose(object_name)

    def _read_offered(self) -> None:
        scope = self._scope
        op = QueryOp(self, self._session.operations, lambda _token: scope.available())
        op.success(self._take_offered).failure(self._state_failed).run()

    def _take_offered(self, offered: list[AvailableObject]) -> None:
        self._offered = tuple(sorted(offered, key=lambda item: (not item.ticked, item.label.casefold())))
        self.objects.show_ticks([self._tick(item) for item in self._offered])
        wanted = self._wanted or (self._offered[0].name if self._offered else "")
        if not self._offered:
            self._show_state(PageState.NONE_YET)
        elif self.objects.current != wanted and not self.objects.choose(wanted):
            self.objects.choose(self._offered[0].name)
        else:
            self._show_object(wanted)
        new = [item.name for item in self._offered if item.is_new]
        if new:
            scope = self._scope
            QueryOp(self, self._session.operations, lambda _token: scope.seen(*new)).failure(lambda _error: None).run()
        self._refresh()

    def _tick(self, item: AvailableObject) -> Tick:
        fixed = ""
        if item.reason is not None:
            fixed = errors.words(OrgMirrorError(item.reason, object=item.label)).title
        label = self.tr("{object} (new)").format(object=item.label) if item.is_new else item.label
        on = self._drafts.is_on(item.name, item.ticked)
        return Tick(item.name, label, on, note=item.name, icon=icons.object_icon_name(item.name), fixed=fixed)

    def _show_object(self, name: str) -> None:
        if self._reading is not None:
            self._reading.cancel()
        self._shown = name
        known = self._drafts.stored(name)
        draft = self._drafts.draft(name)
        if known is not None and draft is not None:
            self.panel.show_scope(known, draft)
            self._stack.setCurrentWidget(self.panel)
            return
        self._show_state(PageState.OPENING)
        scope = self._scope
        self._reading = QueryOp(self, self._session.operations, lambda token: scope.object(name, token))
        self._reading.success(self._take_object).failure(self._state_failed).run()

    def _take_object(self, scope: ObjectScope) -> None:
        draft = self._drafts.keep(scope)
        if scope.name == self._shown:
            self.panel.show_scope(scope, draft)
            self._stack.setCurrentWidget(self.panel)
        self._refresh()

    def _show_state(self, state: PageState) -> None:
        if state is PageState.OPENING:
            self._state.show_words(state, lambda: self.tr("Reading what the org offers…"), lambda: "")
        else:
            self._state.show_words(
                state,
                lambda: self.tr("Nothing is known of the org yet"),
                lambda: self.tr("Its objects are listed here after the first sync."),
            )
        self._stack.setCurrentWidget(self._state)

    def _state_failed(self, error: OrgMirrorError) -> None:
        self._state.show_error(error)
        self._stack.setCurrentWidget(self._state)

    def _on_action(self, _action: StateAction) -> None:
        if self._offered and self._shown:
            self._show_object(self._shown)
        else:
            self._read_offered()

    # Choosing

    def _stored_ticks(self) -> dict[str, bool]:
        return {item.name: item.ticked for item in self._offered}

    @property
    def changes(self) -> dict[str, ScopeChange]:
        """What is to be different, by object."""
        return self._drafts.changes(self._stored_ticks())

    def _on_ticked(self, name: str, on: bool) -> None:
        self._drafts.tick(name, on)
        if name == self._shown:
            self.panel.set_on(on)
        self._drop_wish()

    def _on_edited(self, draft: Draft) -> None:
        self._drafts.set(self._shown, draft)
        self.objects.set_on(self._shown, draft.on)
        self._drop_wish()

    def _drop_wish(self) -> None:
        """What was planned is no longer what is wanted."""
        if self._planning is not None:
            self._planning.cancel()
            self._planning = None
        self._wish = None
        self._note.setText("")
        self._refresh()

    def _refresh(self) -> None:
        wish, planning = self._wish, self._planning is not None and self._planning.running
        count = len(self.changes)
        self._bar.setVisible(wish is not None)
        self.back.setVisible(wish is not None)
        self.apply.setEnabled((count > 0 or wish is not None) and not planning)
        if wish is not None:
            self.apply.setText(self._consent_words(wish))
        elif count > 1:
            self.apply.setText(self.tr("Look at {count} changes…").format(count=numbers.number(count)))
        else:
            self.apply.setText(self.tr("Look at the change…"))

    def _label(self, name: str) -> str:
        stored = self._drafts.stored(name)
        if stored is not None:
            return stored.label_plural or stored.label
        return next((item.label for item in self._offered if item.name == name), name)

    # The plan and its consent

    def _on_apply(self) -> None:
        if self._wish is not None:
            self._carry_out(self._wish)
            return
        changes, scope = self.changes, self._scope

        def work(token: object) -> _Wish:
            return _Wish(tuple(scope.plan(name, change, token) for name, change in changes.items()))

        self._note.setText(self.tr("Looking at what that means…"))
        self._planning = QueryOp(self, self._session.operations, work)
        self._planning.success(self._ask).failure(self._plan_failed).run()
        self._refresh()

    def _plan_failed(self, error: OrgMirrorError) -> None:
        self._planning = None
        said = errors.words(error)
        own = error.salesforce_text or said.remedy
        self._note.setText(f"{said.title} {own}".strip())
        self._note.set_role("bad")
        self._refresh()

    def _ask(self, wish: _Wish) -> None:
        self._planning = None
        self._wish = wish
        self._note.setText("")
        self._note.set_role("muted")
        loses = bool(wish.drop) or any(plan.needs_consent for plan in wish.plans)
        self._bar.setProperty("area", "note-warn" if loses else "note-accent")
        self._bar.style().unpolish(self._bar)
        self._bar.style().polish(self._bar)
        self._plan_title.setText(self.tr("This will happen"))
        self._plan_text.setText("\n".join(self._wish_lines(wish)))
        self._refresh()
        self.apply.setFocus()

    def _wish_lines(self, wish: _Wish) -> list[str]:
        if wish.start_over:
            text = self.tr("All records of {object} are fetched anew, then swapped in. Pending edits stay.")
            return [text.format(object=self._label(wish.start_over))]
        if wish.drop:
            text = self.tr("The dead columns of {object} and what they still hold are removed from this computer.")
            return [text.format(object=self._label(wish.drop))]
        if len(wish.plans) == 1:
            return scope_words.plan_lines(wish.plans[0], self._label(wish.plans[0].object))
        lines = []
        for plan in wish.plans:
            label = self._label(plan.object)
            lines += [
                line if label in line else self.tr("{object}: {line}").format(object=label, line=line)
                for line in scope_words.plan_lines(plan, label)
            ]
        return lines

    def _consent_words(self, wish: _Wish) -> str:
        if wish.start_over:
            return self.tr("Load anew")
        if wish.drop:
            return self.tr("Remove the columns")
        removed = sum(plan.rows_removed or 0 for plan in wish.plans)
        if removed:
            return self.tr("Apply and remove {count} records").format(count=numbers.number(removed))
        return self.tr("Apply")

    def _on_back(self) -> None:
        self._drop_wish()

    def _on_start_over(self, name: str) -> None:
        self._ask(_Wish(start_over=name))

    def _on_drop(self, name: str) -> None:
        self._ask(_Wish(drop=name))

    def _carry_out(self, wish: _Wish) -> None:
        scope, session = self._scope, self._session

        def work(_token: object) -> list[str]:
            if wish.start_over:
                scope.start_over(wish.start_over)
                return [wish.start_over]
            if wish.drop:
                scope.drop_columns(wish.drop)
                return [wish.drop]
            for plan in wish.plans:
                scope.apply(plan.object, plan.change, plan=plan)
            return [plan.object for plan in wish.plans]

        names = [wish.start_over or wish.drop] if wish.start_over or wish.drop else [p.object for p in wish.plans]
        labels = ", ".join(self._label(name) for name in names)
        self._wish = None
        self._note.set_role("muted")
        self._note.setText(self.tr("Being carried out; you may close this. {objects}").format(objects=labels))
        for name in names:
            self._drafts.forget(name)
        self._refresh()
        self.apply.setEnabled(False)
        done = self.tr("Applied: {objects}").format(objects=labels)
        # The session outlives the dialog, and so does what it has been asked for.
        told = self.told
        op = QueryOp(session, session.operations, work)
        op.success(lambda _names: self._carried_out(done)).failure(lambda error: self._carry_failed(error, told)).run()

    def _carried_out(self, words: str) -> None:
        self._session.refresh()
        from shiboken6 import isValid

        if isValid(self):
            self._note.setText(words)
            self.told.emit(words)
            self._read_offered()

    def _carry_failed(self, error: OrgMirrorError, _told: object) -> None:
        from shiboken6 import isValid

        self._session.refresh()
        if isValid(self):
            said = errors.words(error)
            self._note.set_role("bad")
            self._note.setText(f"{said.title} {said.remedy}".strip())
            self._read_offered()
