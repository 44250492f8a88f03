"""One typed declaration per setting; the settings page is drawn from this list and the command line reads it.

Scopes: app settings live in `settings.json`, connection settings in the connection's file (`om_setting`).
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar, cast

from core.paths import Home, read_json, write_private

T = TypeVar("T")


class Scope(StrEnum):
    APP = "app"
    CONNECTION = "connection"


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """`key` names it on disk; `minimum`/`maximum` bound numbers; `choices` bound texts."""

    key: str
    default: T
    scope: Scope
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()

    def accept(self, value: Any) -> T:
        """`value` where it is of the right kind and within bounds, otherwise the default."""
        kind = type(self.default)
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if type(value) is not kind:
            return self.default
        accepted: Any = value
        if self.minimum is not None and accepted < self.minimum:
            return self.default
        if self.maximum is not None and accepted > self.maximum:
            return self.default
        if self.choices and accepted not in self.choices:
            return self.default
        return cast(T, accepted)


THEME = Setting("theme", "system", Scope.APP, choices=("system", "light", "dark"))
LANGUAGE = Setting("language", "", Scope.APP)
PROXY = Setting("proxy", "", Scope.APP)
CLOSE_TO_TRAY = Setting("close_to_tray", True, Scope.APP)
CLOSE_TO_TRAY_TOLD = Setting("close_to_tray_told", False, Scope.APP)

CYCLE_PAUSE_SECONDS = Setting("cycle_pause_seconds", 300, Scope.CONNECTION, minimum=60, maximum=86_400)
API_SHARE_PERCENT = Setting("api_share_percent", 20, Scope.CONNECTION, minimum=1, maximum=100)
REST_MAX_ROWS = Setting("rest_max_rows", 50_000, Scope.CONNECTION, minimum=0, maximum=10_000_000)
REST_MAX_CALL_PERCENT = Setting("rest_max_call_percent", 2.0, Scope.CONNECTION, minimum=0.0, maximum=100.0)
PAGE_FETCHERS = Setting("page_fetchers", 3, Scope.CONNECTION, minimum=1, maximum=4)
USE_COMPUTER_TIME_ZONE = Setting("use_computer_time_zone", False, Scope.CONNECTION)
PAUSED = Setting("paused", False, Scope.CONNECTION)
PAUSED_PULL = Setting("paused_pull", False, Scope.CONNECTION)
PAUSED_PUSH = Setting("paused_push", False, Scope.CONNECTION)
# No cycle begins by itself: only "sync now" makes one.
BY_HAND = Setting("by_hand", False, Scope.CONNECTION)
# From how many records on an act is asked about before it leaves; 0: never.
MASS_CHANGE_RECORDS = Setting("mass_change_records", 200, Scope.CONNECTION, minimum=0, maximum=1_000_000)
# How long what is no longer visible is kept, encrypted, in case access returns; 0: it is erased at once.
WITHDRAWN_KEEP_DAYS = Setting("withdrawn_keep_days", 7, Scope.CONNECTION, minimum=0, maximum=365)
# After how many days a mirror is erased whose user Salesforce says is deactivated; 0: never.
ERASE_LOCKED_DAYS = Setting("erase_locked_days", 30, Scope.APP, minimum=0, maximum=3650)
DELETED_KEEP_DAYS = Setting("deleted_keep_days", 30, Scope.CONNECTION, minimum=0, maximum=3650)

ALL: tuple[Setting[Any], ...] = (
    THEME,
    LANGUAGE,
    PROXY,
    CLOSE_TO_TRAY,
    CLOSE_TO_TRAY_TOLD,
    CYCLE_PAUSE_SECONDS,
    API_SHARE_PERCENT,
    REST_MAX_ROWS,
    REST_MAX_CALL_PERCENT,
    PAGE_FETCHERS,
    USE_COMPUTER_TIME_ZONE,
    PAUSED,
    PAUSED_PULL,
    PAUSED_PUSH,
    BY_HAND,
    MASS_CHANGE_RECORDS,
    DELETED_KEEP_DAYS,
    WITHDRAWN_KEEP_DAYS,
    ERASE_LOCKED_DAYS,
)


class AppSettings:
    """The app's settings, kept in `settings.json`; safe to use from any thread."""

    def __init__(self, home: Home) -> None:
        self._file = home.settings_file
        self._lock = threading.Lock()
        self._listeners: list[Callable[[str], None]] = []
        try:
            self._values: dict[str, Any] = read_json(self._file)
        except ValueError:
            # Settings can be chosen again; a broken file must not keep the program from starting.
            self._values = {}

    def get(self, setting: Setting[T]) -> T:
        with self._lock:
            return setting.accept(self._values.get(setting.key, setting.default))

    def set(self, setting: Setting[T], value: T) -> None:
        """Keep `value`. Raises ValueError when it is out of the setting's bounds."""
        if setting.accept(value) != value:
            raise ValueError(f"{setting.key}: {value!r} is out of bounds")
        with self._lock:
            if self._values.get(setting.key) == value:
                return
            self._values[setting.key] = value
            write_private(self._file, json.dumps(self._values, indent=1, sort_keys=True))
            listeners = list(self._listeners)
        for listener in listeners:
            listener(setting.key)

    def on_change(self, listener: Callable[[str], None]) -> None:
        """Call `listener(key)` after a change, on the thread that made it."""
        with self._lock:
            self._listeners.append(listener)


def from_mapping(setting: Setting[T], values: Mapping[str, Any]) -> T:
    """A connection setting out of the file's values; `ORGMIRROR_<KEY>` in the environment wins, for one run."""
    given = os.environ.get(f"ORGMIRROR_{setting.key.upper()}")
    if given is not None:
        try:
            return setting.accept(json.loads(given))
        except ValueError:
            return setting.accept(given)
    return setting.accept(values.get(setting.key, setting.default))
