"""Numbers, times and sizes as people read them in their language. GUI thread; the locale is Qt's default one."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, QTimeZone

_MINUTE = 60
_HOUR = 3600
_DAY = 86_400
_KIB = 1024


def set_default_locale() -> None:
    """A computer without a language (LANG=C) would show 1900000; give it digit groups."""
    if QLocale.system().language() == QLocale.Language.C:
        QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))


def number(value: int) -> str:
    """1,900,000."""
    return QLocale().toString(value)


def percent(share: float) -> str:
    """0.214 as 21 %; never 100 before the end, never 0 after the start."""
    whole = round(share * 100)
    if 0 < share < 1:
        whole = min(99, max(1, whole))
    return QCoreApplication.translate("Numbers", "{percent} %").format(percent=QLocale().toString(whole))


def duration(seconds: float) -> str:
    """A length of time with the two largest units at most."""
    whole = max(0, round(seconds))
    if whole < _MINUTE:
        return QCoreApplication.translate("Numbers", "{seconds} s").format(seconds=whole)
    if whole < 10 * _MINUTE:
        text = QCoreApplication.translate("Numbers", "{minutes} min {seconds} s")
        return text.format(minutes=whole // _MINUTE, seconds=whole % _MINUTE)
    if whole < _HOUR:
        return QCoreApplication.translate("Numbers", "{minutes} min").format(minutes=round(whole / _MINUTE))
    text = QCoreApplication.translate("Numbers", "{hours} h {minutes} min")
    return text.format(hours=whole // _HOUR, minutes=whole % _HOUR // _MINUTE)


def about(seconds: float) -> str:
    """A remaining time: rounded, since nobody knows it to the second."""
    if seconds < 10:
        return QCoreApplication.translate("Numbers", "a few seconds")
    if seconds < 55:
        return QCoreApplication.translate("Numbers", "about {seconds} s").format(seconds=round(seconds / 10) * 10)
    return QCoreApplication.translate("Numbers", "about {length}").format(length=_rounded(seconds))


def _rounded(seconds: float) -> str:
    if seconds < _HOUR:
        return QCoreApplication.translate("Numbers", "{minutes} min").format(minutes=max(1, round(seconds / _MINUTE)))
    minutes = round(seconds / (5 * _MINUTE)) * 5
    text = QCoreApplication.translate("Numbers", "{hours} h {minutes} min")
    return text.format(hours=minutes // 60, minutes=minutes % 60)


def rate(rows_per_second: float) -> str:
    """22,100 rows/s."""
    rows = round(rows_per_second) if rows_per_second < 1000 else round(rows_per_second, -2)
    return QCoreApplication.translate("Numbers", "{rows} rows/s").format(rows=number(int(rows)))


def ago(moment: datetime, now: datetime) -> str:
    """How long ago, in words; a clock that runs ahead reads as just now."""
    seconds = (now - moment).total_seconds()
    if seconds < 45:
        return QCoreApplication.translate("Numbers", "just now")
    if seconds < _HOUR:
        minutes = max(1, round(seconds / _MINUTE))
        return QCoreApplication.translate("Numbers", "{minutes} min ago").format(minutes=minutes)
    if seconds < _DAY:
        return QCoreApplication.translate("Numbers", "{hours} h ago").format(hours=round(seconds / _HOUR))
    return moment_text(moment)


def clock(moment: datetime) -> str:
    """The time of day on this computer's clock: 14:05."""
    return QLocale().toString(_local(moment).time(), QLocale.FormatType.ShortFormat)


def moment_text(moment: datetime) -> str:
    """Date and time on this computer's clock, short."""
    return QLocale().toString(_local(moment), QLocale.FormatType.ShortFormat)


def clock_seconds(moment: datetime) -> str:
    """The time of day to the second: 14:05:09."""
    return QLocale().toString(_local(moment).time(), "HH:mm:ss")


def stamp(moment: datetime, now: datetime) -> str:
    """When a step of today began, to the second; of another day, with the day."""
    local, today = _local(moment), _local(now)
    if local.date() == today.date():
        return clock_seconds(moment)
    day = QLocale().toString(local.date(), "d MMM")
    return QCoreApplication.translate("Numbers", "{day}, {time}").format(day=day, time=clock(moment))


def seconds(value: float) -> str:
    """A short length of time in seconds, to the tenth where it is short: 0.4, 12."""
    return QLocale().toString(value, "f", 1) if value < 10 else number(round(value))


def weekday(moment: datetime) -> str:
    """The day of the week on this computer's clock, short: Mon."""
    return QLocale().dayName(_local(moment).date().dayOfWeek(), QLocale.FormatType.ShortFormat)


def starts_day(moment: datetime, hours: int) -> bool:
    """Whether midnight of this computer's clock lies in the `hours` from `moment`."""
    local = _local(moment)
    return local.addSecs(-1).date() != local.addSecs(hours * _HOUR - 1).date()


def _local(moment: datetime) -> QDateTime:
    utc = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    milliseconds = int(utc.timestamp() * 1000)
    return QDateTime.fromMSecsSinceEpoch(milliseconds, QTimeZone(QTimeZone.Initialization.UTC)).toLocalTime()


def size(bytes_: int) -> str:
    """A file's size."""
    return QLocale().formattedDataSize(bytes_, 1 if bytes_ > _KIB * _KIB else 0)
