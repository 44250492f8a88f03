"""The words of each setting, by its key: a declaration without words is not shown in the settings dialog."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from core import settings

_tr = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Words:
    """Label and a line of help; `choices` names the values of a text with choices, `suffix` and `factor` a number's
    unit (shown value = stored value / factor)."""

    label: str
    help: str = ""
    suffix: str = ""
    factor: int = 1
    choices: Mapping[str, str] | None = None


def words(key: str) -> Words | None:
    """What the dialog says of a setting, in the reader's language."""
    make = _WORDS.get(key)
    return make() if make is not None else None


def _theme() -> Words:
    return Words(
        _tr("Settings", "Appearance"),
        choices={
            "system": _tr("Settings", "As the desktop"),
            "light": _tr("Settings", "Light"),
            "dark": _tr("Settings", "Dark"),
        },
    )


def _close_to_tray() -> Words:
    return Words(
        _tr("Settings", "Keep syncing when the window is closed"),
        _tr("Settings", "OrgMirror stays in the tray, where the desktop has one."),
    )


def _proxy() -> Words:
    return Words(
        _tr("Settings", "Proxy"),
        _tr("Settings", "Empty: as the system says. For example http://proxy.company:8080. Used from the next start."),
    )


def _cycle_pause() -> Words:
    return Words(
        _tr("Settings", "Look for changes every"),
        _tr("Settings", "Counted from the end of a sync to the start of the next."),
        suffix=_tr("Settings", " min"),
        factor=60,
    )


def _api_share() -> Words:
    return Words(
        _tr("Settings", "Share of the org's API calls"),
        _tr("Settings", "At most so much of the org's daily calls goes to this mirror."),
        suffix=_tr("Settings", " %"),
    )


def _time_zone() -> Words:
    return Words(
        _tr("Settings", "Show times in this computer's time zone"),
        _tr("Settings", "Otherwise in the one of the Salesforce user."),
    )


def _by_hand() -> Words:
    return Words(
        _tr("Settings", "Sync only when I ask"),
        _tr("Settings", "Nothing runs by itself; what you save is still sent at once."),
    )


def _deleted_keep() -> Words:
    return Words(
        _tr("Settings", "Keep records deleted in Salesforce"),
        _tr("Settings", "So long they stay here under “deleted”, unless their object is set otherwise."),
        suffix=_tr("Settings", " days"),
    )


def _paused_pull() -> Words:
    return Words(
        _tr("Settings", "Hold what comes from Salesforce"),
        _tr("Settings", "Nothing is asked of Salesforce until this is taken back; edits are still sent."),
    )


def _paused_push() -> Words:
    return Words(
        _tr("Settings", "Hold what goes to Salesforce"),
        _tr("Settings", "Edits wait under Pending until this is taken back."),
    )


def _mass_change() -> Words:
    return Words(
        _tr("Settings", "Ask before sending changes of more than"),
        _tr("Settings", "So many records changed or deleted by one act; 0 never asks."),
        suffix=_tr("Settings", " records"),
    )


_WORDS: dict[str, Callable[[], Words]] = {
    settings.THEME.key: _theme,
    settings.CLOSE_TO_TRAY.key: _close_to_tray,
    settings.PROXY.key: _proxy,
    settings.CYCLE_PAUSE_SECONDS.key: _cycle_pause,
    settings.BY_HAND.key: _by_hand,
    settings.PAUSED_PULL.key: _paused_pull,
    settings.PAUSED_PUSH.key: _paused_push,
    settings.MASS_CHANGE_RECORDS.key: _mass_change,
    settings.API_SHARE_PERCENT.key: _api_share,
    settings.DELETED_KEEP_DAYS.key: _deleted_keep,
    settings.USE_COMPUTER_TIME_ZONE.key: _time_zone,
}
