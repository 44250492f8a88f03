"""The check finds what lupdate cannot read, and leaves other functions of the same names alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import check_tr


@pytest.mark.parametrize(
    "source",
    [
        'self.tr(f"{n} rows")',
        "self.tr(name)",
        'self.tr("a" + "b")',
        'self.tr("")',
        "self.tr()",
        'QCoreApplication.translate("Home", text)',
        'QtCore.QCoreApplication.translate(context, "text")',
        'QT_TRANSLATE_NOOP("Messages", f"{n}")',
    ],
)
def test_refused(tmp_path: Path, source: str) -> None:
    path = tmp_path / "page.py"
    path.write_text(source)
    assert list(check_tr.findings(path))
    assert check_tr.main([str(tmp_path)]) == 1


@pytest.mark.parametrize(
    "source",
    [
        'self.tr("{n} rows").format(n=3)',
        'self.tr("%n row(s)", "", 3)',
        'self.tr("one " "sentence")',
        'QCoreApplication.translate("Home", "text")',
        "painter.translate(dx, dy)",
        "text.translate(table)",
        'QCoreApplication.translate("Messages", source)  # tr: checked, marked in core',
    ],
)
def test_accepted(tmp_path: Path, source: str) -> None:
    path = tmp_path / "page.py"
    path.write_text(source)
    assert not list(check_tr.findings(path))
    assert check_tr.main([str(tmp_path)]) == 0
