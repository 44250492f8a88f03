"""Words for phases, methods, directions and kinds of org."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from core.model.progress import ObjectProgress
from core.model.scope import Direction
from core.model.states import LoadMethod, LoadPhase
from gui.text import numbers


def phase(value: LoadPhase, *, first_load: bool = True) -> str:
    """Where an object stands, in a word or two."""
    if value is LoadPhase.WAITING:
        return QCoreApplication.translate("Phases", "Waiting")
    if value is LoadPhase.COUNTING:
        return QCoreApplication.translate("Phases", "Counting")
    if value is LoadPhase.QUEUED:
        return QCoreApplication.translate("Phases", "Queued at Salesforce")
    if value is LoadPhase.LOADING and first_load:
        return QCoreApplication.translate("Phases", "Loading")
    if value is LoadPhase.LOADING:
        return QCoreApplication.translate("Phases", "Checking")
    if value is LoadPhase.INDEXING:
        return QCoreApplication.translate("Phases", "Indexing for search")
    if value is LoadPhase.FAILED:
        return QCoreApplication.translate("Phases", "Problem")
    return QCoreApplication.translate("Phases", "In step")


def method(value: LoadMethod | None) -> str:
    """The wire an object is loaded by."""
    if value is None:
        return ""
    if value is LoadMethod.BULK:
        return QCoreApplication.translate("Phases", "Bulk")
    return QCoreApplication.translate("Phases", "REST")


def direction(value: Direction | str) -> str:
    """Which way an object's changes travel."""
    if value == Direction.TWO_WAY:
        return QCoreApplication.translate("Phases", "Both ways")
    if value == Direction.PULL_EDIT:
        return QCoreApplication.translate("Phases", "From Salesforce, editing opened")
    return QCoreApplication.translate("Phases", "From Salesforce")


def kind(*, is_sandbox: bool, is_demo: bool) -> str:
    """Production, sandbox or demo."""
    if is_demo:
        return QCoreApplication.translate("Phases", "Demo")
    if is_sandbox:
        return QCoreApplication.translate("Phases", "Sandbox")
    return QCoreApplication.translate("Phases", "Production")


def rows_of(done: int, total: int | None, *, estimate: bool = False) -> str:
    """412,000 of 1,900,000; the count alone while the total is unknown."""
    if total is None or total < done:
        return numbers.number(done)
    if estimate:
        text = QCoreApplication.translate("Phases", "{done} of about {total}")
    else:
        text = QCoreApplication.translate("Phases", "{done} of {total}")
    return text.format(done=numbers.number(done), total=numbers.number(total))


def resuming(progress: ObjectProgress) -> str:
    """Resuming Contacts, 412,000 of 1,900,000."""
    rows = rows_of(progress.rows_done, progress.total, estimate=progress.total_is_estimate)
    return QCoreApplication.translate("Phases", "Resuming {object}, {rows}").format(object=progress.label, rows=rows)
