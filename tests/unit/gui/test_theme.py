"""The look: every token legible, every icon drawn, the change of palette heard."""

from __future__ import annotations

import re
from dataclasses import fields
from importlib.resources import files

import pytest
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from gui.desktop import icons, theme
from gui.desktop.tokens import DARK, LIGHT, Tokens

WORDS = ("text", "text_soft", "muted", "accent", "good", "warn", "bad")
GROUNDS = ("bg", "surface", "sidebar")


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_words_can_be_read(tokens: Tokens) -> None:
    bad = [
        (word, ground, round(contrast(getattr(tokens, word), getattr(tokens, ground)), 2))
        for word in WORDS
        for ground in GROUNDS
        if contrast(getattr(tokens, word), getattr(tokens, ground)) < 4.5
    ]
    assert bad == []
    for word in ("good", "warn", "bad", "accent"):
        assert contrast(getattr(tokens, word), getattr(tokens, f"{word}_soft")) >= 4.5, word
    assert contrast(tokens.on_accent, tokens.accent_fill) >= 4.5
    assert contrast(tokens.selection_text, tokens.selection) >= 4.5


def test_tokens_are_colours() -> None:
    for tokens in (LIGHT, DARK):
        for item in fields(tokens):
            if item.name not in ("name", "dark"):
                assert re.fullmatch(r"#[0-9a-f]{6}", getattr(tokens, item.name)), item.name


def names() -> list[str]:
    folder = files("resources").joinpath("icons")
    return sorted(item.name.removesuffix(".svg") for item in folder.iterdir() if item.name.endswith(".svg"))


def test_every_icon_draws_something(qapp: QApplication) -> None:
    empty = [name for name in names() if icons.render(name, "#ff0000", 32).toImage().allGray() and not _inked(name)]
    assert names()
    assert empty == []


def _inked(name: str) -> bool:
    image = icons.render(name, "#ff0000", 32).toImage()
    return any(image.pixelColor(x, y).alpha() > 40 for x in range(32) for y in range(32))


def test_an_icon_takes_its_colour(qapp: QApplication) -> None:
    image = icons.render("stop", "#ff0000", 48).toImage()
    inked = [image.pixelColor(x, y) for x in range(48) for y in range(48) if image.pixelColor(x, y).alpha() > 250]
    assert inked
    assert all(colour.red() > 240 and colour.green() < 15 for colour in inked)


def test_objects_have_icons() -> None:
    for name in (*icons.OBJECT_ICONS, "Project__c", "Something"):
        assert "<svg" in icons.svg_text(icons.object_icon_name(name))


def test_the_style_sheet_is_filled_in(qapp: QApplication) -> None:
    for tokens in (LIGHT, DARK):
        assert "$" not in theme.style_sheet(tokens)


def test_a_change_is_heard_and_bound_icons_follow(qtbot: QtBot) -> None:
    button = QToolButton()
    qtbot.addWidget(button)
    theme.choose("light")
    theme.bind_icon(button, "stop")
    before = button.icon().pixmap(16).toImage()
    with qtbot.waitSignal(theme.notifier().changed):
        theme.choose("dark")
    assert theme.current() is DARK
    assert button.icon().pixmap(16).toImage() != before
    theme.choose("light")
    assert button.icon().pixmap(16).toImage() == before


def test_orgs_are_told_apart() -> None:
    for tokens in (LIGHT, DARK):
        assert len({tokens.production, tokens.sandbox, tokens.demo}) == 3
