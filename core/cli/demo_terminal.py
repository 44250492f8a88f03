"""`orgmirror --demo` where there is no screen: the same first sync in the terminal, then a summary."""

from __future__ import annotations

import os
import time

from core.app import App
from core.cli.output import Exit, exit_for, put, say, say_error, table
from core.cli.progress import TerminalProgress
from core.cli.sync import report, signals
from core.model.errors import OrgMirrorError
from core.model.states import CycleOutcome
from core.paths import Home
from core.sync.control import EngineControl


def run(home: Home) -> int:
    """Start the demo org, sync once with progress bars, say what is where; answers the exit code."""
    control = EngineControl()
    begun = time.monotonic()
    with signals(control), App(home) as app:
        try:
            say("No display here: the demo runs in this terminal. Starting the demo org …")
            info = app.start_demo()
            if not info.encrypted:
                say("This computer offers no unlocked keyring: the demo mirror is a plain file. Real orgs never are.")
            with app.open(info.uuid) as connection:
                with TerminalProgress() as progress:
                    result = connection.sync.run_once(control, progress.show)
                status = connection.sync.status()
        except OrgMirrorError as error:
            say_error(error)
            return exit_for(error)
    if result.outcome is not CycleOutcome.OK:
        return report(result, as_json=False)
    rows: list[tuple[str, ...]] = [("OBJECT", "ROWS", "NEW", "UPDATED", "DELETED")]
    by_name = {item.name: item for item in result.objects}
    for item in status.objects:
        done = by_name.get(item.name)
        counts = (done.new, done.updated, done.deleted) if done else (0, 0, 0)
        rows.append((item.label_plural, f"{item.rows:,}", *(f"{count:,}" for count in counts)))
    put(table(rows, right=frozenset({1, 2, 3, 4})))
    put("")
    put(
        f"{status.rows:,} rows of {len(status.objects)} objects in {time.monotonic() - begun:.1f} s, "
        f"{result.api_calls} API calls."
    )
    put(f"The mirror is in {home.connection(info.uuid)}{os.sep}mirror.db")
    return Exit.OK
