"""The keys of the window's places: what `place_wished` carries and the window file remembers."""

from __future__ import annotations

HOME = "home"
NEEDS_YOU = "needs-you"
PENDING = "pending"
CHANGES = "changes"
SYNC = "sync"
