"""Look at a list and a record over a generated encrypted mirror: `python -m tests.helpers.preview_list`, no org needed.

`--theme dark`, `--rows 100000`, `--size 1280x800`, `--rtl`; with `--shot FILE.png` it saves a picture and ends.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from core.api.browse import BrowseApi
from core.api.exports import ExportsApi
from gui.desktop import theme
from gui.pages.object_page import ObjectPage
from gui.text import numbers
from gui.widgets.global_search import GlobalSearch
from tests.helpers.fake_browse import MemoryStore
from tests.helpers.sample_org import SampleOrg

NAMES = (
    "Ada Lovelace",
    "王小明",
    "محمد العربي",
    "Zoë O’Hara 🚀",
    "Müller, Jörg",
    "נועה כהן",
    "प्रिया शर्मा",
    "<b>Bobby</b> & Co",
)
_BATCH = 2000


def made_org(folder: Path, rows: int) -> SampleOrg:
    """Accounts, an owner and `rows` leads whose texts are long, short and in many scripts."""
    org = SampleOrg(folder / "mirror.db")
    owner = org.add("User", {"Name": "Zoë Owner", "Username": "zoe@acme.example"})[0]
    leads = (
        {
            "Name": f"{NAMES[n % len(NAMES)]} {n}",
            "LastName": NAMES[n % len(NAMES)],
            "Company": f"Company {n % 977} with a name that is a little too long for its column" if n % 5 else "ACME",
            "Email": f"lead.{n}@example.org",
            "Phone": f"+49 30 {n:07}",
            "Website": "https://www.example.org",
            "Street": "1 Long Road\nSecond Floor",
            "City": f"City {n % 50}",
            "Status": "Open" if n % 3 else "Closed",
            "OwnerId": owner,
            "Description": "A long text with line breaks.\n" * (n % 12),
        }
        for n in range(rows)
    )
    while batch := list(itertools.islice(leads, _BATCH)):
        org.add("Lead", *batch)
    org.ready()
    return org


def wait(true: Callable[[], bool]) -> None:
    """Let the window live until `true`."""
    end = time.monotonic() + 10
    while not true():
        if time.monotonic() > end:
            raise TimeoutError
        QTest.qWait(10)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--size", default="1280x800")
    parser.add_argument("--rtl", action="store_true")
    parser.add_argument("--shot", type=Path)
    chosen = parser.parse_args(arguments)
    application = QApplication([])
    numbers.set_default_locale()
    theme.apply(application, chosen.theme)
    if chosen.rtl:
        application.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    with tempfile.TemporaryDirectory(prefix="om-preview-") as folder:
        org = made_org(Path(folder), chosen.rows)
        browse, exports = BrowseApi(org.mirror), ExportsApi(org.mirror)
        window = QWidget()
        column = QVBoxLayout(window)
        search = GlobalSearch(browse, window)
        page = ObjectPage(browse, exports, MemoryStore(), "Lead", window)
        search.record_chosen.connect(page.open_record)
        column.addWidget(search)
        column.addWidget(page, 1)
        width, height = map(int, chosen.size.split("x"))
        window.resize(width, height)
        window.show()
        if chosen.shot is None:
            application.exec()
        else:
            wait(lambda: page.list.count is not None and page.model.row_texts(0) is not None)
            page.table.reach(3)
            page.open_record(page.model.ref(3))
            wait(lambda: page.pane.record is not None)
            QTest.qWait(300)
            window.grab().save(str(chosen.shot))
        window.close()
        browse.close()
        exports.close()
        org.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
