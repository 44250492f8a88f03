"""GET /services/data and the list of resources of one version."""

from __future__ import annotations

from core.demo.http.call import Answer, Call
from core.demo.http.router import FIRST_VERSION, LAST_VERSION, Route

_SEASONS = ("Winter", "Spring", "Summer")
_RESOURCES = (
    "analytics", "appMenu", "composite", "jobs", "limits", "query", "queryAll", "recent", "search", "sobjects",
    "tooling", "ui-api",
)  # fmt: skip


def label(version: int) -> str:
    """The release name of an API version: 67 is Summer '26, three a year."""
    season = _SEASONS[(version - 65) % 3]
    year = 26 + (version - 65) // 3
    return f"{season} '{year:02d}"


def versions(call: Call) -> Answer:
    """Every version offered; needs no session."""
    return Answer(
        payload=[
            {"label": label(number), "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
            for number in range(FIRST_VERSION, LAST_VERSION + 1)
        ]
    )


def resources(call: Call) -> Answer:
    """Name -> path of what a version offers."""
    assert call.session is not None
    paths = {name: f"{call.base}/{name}" for name in _RESOURCES}
    paths["identity"] = f"{call.site.url}/id/{call.site.org.org_id}/{call.session.user_id}"
    return Answer(payload=paths)


OUTSIDE = [Route("GET", "/services/data", versions, public=True, free=True)]
INSIDE = [Route("GET", "/", resources)]
