"""Record text where Qt would guess markup or mnemonics: tooltips, buttons, menus. Text stays text here."""

from __future__ import annotations

from html import escape

MAX_TOOLTIP_CHARS = 1200


def tooltip(text: str) -> str:
    """`text` for a tooltip: Qt takes anything that looks like markup for markup, so it gets escaped markup."""
    if not text:
        return ""
    if len(text) > MAX_TOOLTIP_CHARS:
        text = text[:MAX_TOOLTIP_CHARS] + "…"
    return f'<div style="white-space:pre-wrap">{escape(text)}</div>'


def without_mnemonic(text: str) -> str:
    """`text` for a button or a menu entry, where an ampersand would otherwise vanish."""
    return text.replace("&", "&&")
