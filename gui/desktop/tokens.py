"""The design tokens: every colour, distance and type size of the window, in two palettes. Values only, no Qt.

Contrast: `text`, `text_soft`, `muted`, `accent`, `good`, `warn` and `bad` reach 4.5 : 1 on `bg`, `surface` and
`sidebar` of their own palette (a test computes it), so any of them may carry words.
"""

from __future__ import annotations

from dataclasses import dataclass


class Space:
    """Distances in logical pixels, on a grid of four."""

    XS = 4
    S = 8
    M = 12
    L = 16
    XL = 24
    XXL = 32
    XXXL = 48


class Size:
    """Heights and widths that several widgets share, in logical pixels."""

    CONTROL = 32
    ROW = 30
    SIDEBAR_ROW = 32
    TOP_BAR = 56
    SIDEBAR = 248
    RADIUS = 6
    RADIUS_CARD = 10
    ICON_SMALL = 16
    ICON = 18
    ICON_LARGE = 24
    READABLE = 720


class Type:
    """Type sizes as factors of the base size, and weights (QFont's scale, 400 = normal)."""

    SMALL = 0.88
    BODY = 1.0
    HEADING = 1.16
    TITLE = 1.62
    FIGURE = 2.0
    NORMAL = 400
    MEDIUM = 500
    SEMIBOLD = 600


@dataclass(frozen=True, slots=True)
class Tokens:
    """One palette. `*_soft` are backgrounds for a hint of that colour; `on_accent` is text upon `accent_fill`."""

    name: str
    dark: bool
    bg: str
    surface: str
    surface_alt: str
    sidebar: str
    hover: str
    pressed: str
    border: str
    border_soft: str
    border_strong: str
    text: str
    text_soft: str
    muted: str
    disabled: str
    accent: str
    accent_fill: str
    accent_fill_hover: str
    accent_soft: str
    on_accent: str
    focus: str
    selection: str
    selection_inactive: str
    selection_text: str
    good: str
    good_soft: str
    warn: str
    warn_soft: str
    bad: str
    bad_soft: str
    production: str
    sandbox: str
    demo: str
    track: str
    match: str
    shadow: str


LIGHT = Tokens(
    name="light",
    dark=False,
    bg="#f6f7f9",
    surface="#ffffff",
    surface_alt="#f1f3f6",
    sidebar="#eef0f4",
    hover="#e6e9ef",
    pressed="#dbe0e8",
    border="#dde2e9",
    border_soft="#e9ecf1",
    border_strong="#c3cbd6",
    text="#1a2230",
    text_soft="#3f4b5c",
    muted="#5d6a7d",
    disabled="#a3adba",
    accent="#4453c8",
    accent_fill="#4a5bd4",
    accent_fill_hover="#3d4cc0",
    accent_soft="#e8ebfb",
    on_accent="#ffffff",
    focus="#7d8af0",
    selection="#e1e5fa",
    selection_inactive="#e9ecf2",
    selection_text="#1a2230",
    good="#1b7a4e",
    good_soft="#e2f3ea",
    warn="#965a05",
    warn_soft="#fcf0da",
    bad="#bf3329",
    bad_soft="#fbe8e6",
    production="#0d7377",
    sandbox="#b36205",
    demo="#7a4fc9",
    track="#e2e6ec",
    match="#fde9a9",
    shadow="#1a2230",
)

DARK = Tokens(
    name="dark",
    dark=True,
    bg="#14171c",
    surface="#1b1f26",
    surface_alt="#222730",
    sidebar="#111419",
    hover="#262c36",
    pressed="#2f3641",
    border="#2c323d",
    border_soft="#242a33",
    border_strong="#434b59",
    text="#e6e9ef",
    text_soft="#bfc7d3",
    muted="#929cac",
    disabled="#59626f",
    accent="#98a4f8",
    accent_fill="#5867dc",
    accent_fill_hover="#6877ea",
    accent_soft="#262c4d",
    on_accent="#ffffff",
    focus="#7d8af0",
    selection="#2c3459",
    selection_inactive="#272d37",
    selection_text="#f2f4f8",
    good="#57c48e",
    good_soft="#18322a",
    warn="#e2ab55",
    warn_soft="#372b16",
    bad="#f08b82",
    bad_soft="#3d2321",
    production="#35a7a9",
    sandbox="#dd9a3e",
    demo="#a98be8",
    track="#2c333e",
    match="#5c4c14",
    shadow="#000000",
)
