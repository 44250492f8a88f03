"""A log record that no test expected is a failure nobody looked at: this watch collects and compares them."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from types import TracebackType


@dataclass
class _Expected:
    pattern: re.Pattern[str]
    level: int
    logger: str | None
    seen: bool = False

    def matches(self, record: logging.LogRecord) -> bool:
        if record.levelno != self.level or not self.pattern.search(record.getMessage()):
            return False
        return self.logger is None or record.name == self.logger or record.name.startswith(self.logger + ".")


class LogWatch(logging.Handler):
    """Listens on the root logger, to every thread, while its `with` block runs. One per test."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._expected: list[_Expected] = []
        self._records: list[logging.LogRecord] = []

    def expect(self, pattern: str, *, level: int = logging.WARNING, logger: str | None = None) -> None:
        """Accept any number of records, and demand one at least, whose message `pattern` is found in.

        `logger` narrows it to a logger and those below; `level` is exact.
        """
        self._expected.append(_Expected(re.compile(pattern), level, logger))

    def complaints(self) -> list[str]:
        """One line per unexpected record and per expectation that was not met."""
        lines = []
        for record in self._records:
            matching = [expected for expected in self._expected if expected.matches(record)]
            for expected in matching:
                expected.seen = True
            if not matching:
                lines.append(f"unexpected log record: {record.levelname} {record.name}: {record.getMessage()}")
        for expected in self._expected:
            if not expected.seen:
                name = logging.getLevelName(expected.level)
                lines.append(f"expected log record did not come: {name} {expected.pattern.pattern!r}")
        return lines

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append(record)

    def __enter__(self) -> LogWatch:
        logging.getLogger().addHandler(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        logging.getLogger().removeHandler(self)
