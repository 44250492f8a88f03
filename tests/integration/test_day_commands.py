"""The commands of the day: filters of history, problems and changes; pause by direction; one record; early signals."""

from __future__ import annotations

import csv
import io
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.command import in_process
from tests.helpers.demo_org import ROOT
from tests.helpers.homes import KeptHome

# Told to end while a module is being imported, as a person's Ctrl+C in the first moments does.
EARLY = """
import os, runpy, signal, sys
# A run in the background of a shell hands an ignored SIGINT down.
signal.signal(signal.SIGINT, signal.default_int_handler)
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), {number})
sys.meta_path.insert(0, Finder())
sys.argv = ["orgmirror", "--home", {home!r}, "status"]
{start}
"""
STARTS = {
    "core.cli": 'runpy.run_module("core.cli", run_name="__main__")',
    "gui.main": "import gui.main; sys.exit(gui.main.main())",
}


@pytest.fixture
def home(loaded: KeptHome, monkeypatch: pytest.MonkeyPatch) -> Path:
    return loaded.use(monkeypatch)


def test_history_is_filtered_and_written_as_csv(home: Path) -> None:
    every = in_process(home, "history", "acme", "--limit", "5000", "--json").json
    assert {"cycle", "schema", "first-load", "pull-updates"} <= {row["operation"] for row in every}
    leads = in_process(home, "history", "acme", "--object", "lead", "--operation", "first-load", "--json").json
    assert {(row["object"], row["operation"]) for row in leads} == {("Lead", "first-load")}
    assert in_process(home, "history", "acme", "--status", "problems", "--json").json == []
    assert in_process(home, "history", "acme", "--until", "2020-01-01", "--json").json == []
    assert len(in_process(home, "history", "acme", "--since", "1w", "--limit", "5000", "--json").json) == len(every)
    done = in_process(home, "history", "acme", "--operation", "cycle", "--csv")
    [header, *rows] = csv.reader(io.StringIO(done.out))
    assert header[:5] == ["started", "ended", "object", "operation", "status"]
    assert rows
    assert all(started < ended for started, ended, *_ in rows)


@pytest.mark.parametrize(
    "words",
    [("history", "acme", "--since", "soon"), ("history", "acme", "--operation", "dance"),
     ("changes", "acme", "--id", "00Q000000000001AAA"), ("sync", "acme", "--id", "00Q000000000001AAA"),
     ("history", "acme", "--json", "--csv"), ("pause", "acme", "--direction", "sideways")],
)  # fmt: skip
def test_what_does_not_fit_is_a_usage_error(home: Path, words: tuple[str, ...]) -> None:
    assert in_process(home, *words).code == 2


def test_problems_and_changes_have_filters(home: Path) -> None:
    assert in_process(home, "problems", "acme", "--kind", "guard", "--object", "Lead", "--json").json == []
    assert in_process(home, "changes", "acme", "--followed", "--json").json == []
    assert in_process(home, "changes", "acme", "--object", "NoSuch", "--json").code == 1


def test_a_paused_connection_says_so_and_a_wish_by_name_is_done(
    loaded: KeptHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = loaded.copy(tmp_path, monkeypatch)
    assert in_process(home, "pause", "acme").code == 0
    assert in_process(home, "status", "acme", "--json").json["state"] == "paused"
    done = in_process(home, "sync", "acme", "--once", "--json")
    assert (done.code, done.json["result"]) == (1, "cancelled")
    assert "paused" in done.err
    assert in_process(home, "sync", "acme", "--once", "--object", "Lead").code == 0
    assert in_process(home, "resume", "acme").code == 0
    assert in_process(home, "status", "acme", "--json").json["state"] == "in-step"
    held = in_process(home, "pause", "acme", "lead", "--direction", "push", "--json").json
    assert held == {"name": "acme", "object": "Lead", "direction": "push", "paused": True}
    assert in_process(home, "sync", "acme", "--once").code == 0


def test_one_record_is_read_anew(loaded: KeptHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = loaded.copy(tmp_path, monkeypatch)
    [row] = in_process(home, "list", "acme", "Lead", "--limit", "1", "--json").json
    done = in_process(home, "sync", "acme", "--object", "lead", "--id", row["Id"][:15], "--json")
    assert (done.code, done.json) == (0, {"result": "ok", "object": "Lead", "id": row["Id"], "changed": False})


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ("start", "module"), [("gui.main", "core.cli.output"), ("gui.main", "core.app"), ("core.cli", "core.app")]
)
def test_a_signal_of_the_first_moments_ends_in_good_order(
    tmp_path: Path, module: str, kind: signal.Signals, start: str
) -> None:
    script = EARLY.format(module=module, number=int(kind), home=str(tmp_path), start=STARTS[start])
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
