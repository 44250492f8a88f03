"""Texts are measured and shortened right, by letters or by the shaper."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QFont, QFontMetricsF
from pytestqt.qtbot import QtBot

from gui.widgets.cell_painter import TextMeasure

pytestmark = pytest.mark.gui


@pytest.fixture
def measure(qtbot: QtBot) -> TextMeasure:
    return TextMeasure(QFont())


@pytest.mark.parametrize("text", ["", "Ada", "+49 (30) 1234-567", "WWWWWWWWWW", "iiiiiiiiii", "a & b <c>"])
def test_the_width_of_plain_letters_is_that_of_the_shaper(measure: TextMeasure, text: str) -> None:
    exact = QFontMetricsF(measure.font).horizontalAdvance(text)
    assert abs(measure.width(text) - exact) <= 3  # kerning


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet="abcWi .,é王م🚀", max_size=120), st.integers(20, 300))
def test_what_fits_is_whole_and_what_is_cut_fits(measure: TextMeasure, text: str, room: int) -> None:
    shown = measure.fitting(text, room)
    if shown != text:
        assert shown.endswith("…")
        assert measure.metrics.horizontalAdvance(shown) <= room + 3
    else:
        assert measure.metrics.horizontalAdvance(text) <= room + 3


def test_a_very_long_text_is_cut_before_it_is_shaped(measure: TextMeasure) -> None:
    assert measure.fitting("i" * 1_000_000, 100).endswith("…")


@pytest.mark.parametrize(
    ("text", "simple"),
    [
        ("Ada O'Hara", True),
        ("Société Générale – 王小明 한빛전자 Όλυμπος Дніпро …", True),
        ("محمد", False),
        ("שלום", False),
        ("प्रिया", False),
        ("สวัสดี", False),
        ("e\u0301", False),
        ("🚀", False),
        ("👩‍🚀", False),
    ],
)
def test_only_characters_that_stand_alone_go_past_the_shaper(measure: TextMeasure, text: str, simple: bool) -> None:
    assert measure.is_simple(text) is simple
