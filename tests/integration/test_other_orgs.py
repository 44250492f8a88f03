"""The product against Salesforces that are not the demo org: every doubt of the reference as a switch, in combinations.

Each test ends with the mirror equal to the org, value by value, after a first load and after a cycle over changes.
"""

from __future__ import annotations

import json
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.app import App
from core.cli import main
from core.connection.signin import Secrets, SignInDraft
from core.mirror.objects import all_objects
from core.model.states import SignInMethod
from core.paths import Home
from core.salesforce.transport import Transport
from core.sync.control import EngineControl
from tests.helpers.command import arguments, connect
from tests.helpers.demo_org import ROOT
from tests.helpers.other_org import CLIENT_ID, CLIENT_SECRET, ORG_ID, OtherOrg, Ways
from tests.helpers.other_org_data import Forms
from tests.helpers.other_org_rig import Rig, failed
from tests.helpers.truth import differences

MakeRig = Callable[..., Rig]

# One line per doubt; a combination takes one choice of each line.
SWITCHES: dict[str, list[Any]] = {
    "page_rows": [(2000,), (200,), (7, 33, 1), (25,)],
    "next_url": ["relative", "absolute", "other-host", "bare"],
    "total_size": [True, False],
    "attributes": [True, False],
    "last_modified": ["all", "objects", "none"],
    "gated": [True, False],
    "composite": [25, 5, 3, 404, 403, 400],
    "composite_queries": [5, 2],
    "address_bytes": [16_000, 400],
    "address_html": [False, True],
    "most_fields": [10_000, 12],
    "versions": [("59.0", "65.0"), ("52.0",), ("31.0", "59.0"), ("70.0", "71.0")],
    "date": [True, False],
    "clock": [timedelta(0), timedelta(days=900), timedelta(days=-900)],
    "limit_info": ["api-usage=18/100000", None, "api-usage=1/15000; per-app-api-usage=17/250(appName=sample)", "odd"],
    "gzip": ["asked", "never", "always"],
    "chunked": [False, True],
    "userinfo": [True, False],
    "count": ["ok", "timeout", "refused", "slow-composite"],
    "cursor_lives": [None, 2, 1],
    "too_large": [{}, {"Lead": 20}],
    "lower_names": [False, True],
    "bulk": [200, 200, 200, 200, 404, 400, 403],
    "bulk_code": ["NOT_FOUND", "FEATURENOTENABLED"],
    "bulk_refuses": [frozenset(), frozenset({"Lead"})],
    "bulk_fails": [
        {},
        {"Lead": "OPERATION_TOO_LARGE: exceeded 100000 distinct who/what's"},
        {"Lead": "INVALID_FIELD: No such column"},
        {"Account": "InternalServerError : Retried more than fifteen times", "Lead": ""},
    ],
    "bulk_pages": [(0,), (13, 40, 1), (25,)],
    "bulk_polls": [0, 1, 3],
    "result_pages": ["resultUrl", None, "resultLink", "text", "absolute", "odd"],
    "listing": [2, 1, 5],
    "not_ready": [204, 202, 412],
    "ready_late": [0, 2, 9],
    "empty": ["header", "nothing", "204"],
    "processed": ["right", "missing", "off", "text"],
    "number_of_records": [True, False],
    "end_locator": ["null", None],
    "forms": [
        Forms(),
        Forms(csv_break="\r\n", number="exponent"),
        Forms(csv_quotes="needed", datetime="z"),
        Forms(csv_bom=True, csv_shuffled=True, boolean="upper"),
        Forms(csv_blank_end=True, short_ids=True, datetime="seconds"),
        Forms(csv_quotes="needed", csv_break="\r\n", number="point", short_ids=True),
    ],
}
COMBINATIONS = 12


def combination(number: int) -> Ways:
    """Combination `number`: every choice of every switch comes in the first six, the rest is chance from the seed."""
    chance = random.Random(number)
    chosen = {
        name: choices[(number * (1 + index % 5) + index) % len(choices)] if number < 6 else chance.choice(choices)
        for index, (name, choices) in enumerate(SWITCHES.items())
    }
    if not chosen["date"]:
        # Without a Date the hour after which all is described anew passes on this computer's clock alone.
        chosen["gated"] = True
    return Ways(**chosen)


@pytest.fixture
def make_org() -> Iterator[Callable[..., OtherOrg]]:
    made: list[OtherOrg] = []

    def make(ways: Ways | None = None, *, rows: int = 60, seed: int = 1, standard: bool = True) -> OtherOrg:
        org = OtherOrg(ways, seed)
        made.append(org)
        if standard:
            org.standard(rows)
        return org

    yield make
    for org in made:
        org.stop()
        assert not [call for call in org.calls if call.startswith("BUG")]


@pytest.fixture
def make_rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeRig]:
    made: list[Rig] = []

    def make(org: OtherOrg, **options: Any) -> Rig:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Rig(org, folder, monkeypatch, **options))
        return made[-1]

    yield make
    for rig in made:
        rig.close()


def change_everything(org: OtherOrg) -> None:
    """Two hours later: leads come, change, go to the bin and come back from it; a field comes, another one goes."""
    org.advance(7300)
    with org.lock:
        data = org.data
        back, changed, binned = [key for key, row in data.things["Lead"].rows.items() if key][:3]
        data.insert("Lead", Name="new here")
        data.change("Lead", changed, Name="changed here")
        data.change("Lead", binned, IsDeleted=True)
        data.change("Lead", back, IsDeleted=False)
        account = data.things["Account"]
        account.fields["New__c"] = ("string", 0, 20)
        for row in account.rows.values():
            row["New__c"] = "n"  # filled by default, so no stamp moves
        data.alter("Account")
        data.things["ns__Thing__c"].hidden.add("Pick__c")
        data.alter("ns__Thing__c")


def in_the_bin(org: OtherOrg) -> None:
    for key in list(org.data.things["Lead"].rows)[:1]:
        org.data.things["Lead"].rows[key]["IsDeleted"] = True


@pytest.mark.parametrize("bulk", [False, True], ids=["rest", "bulk"])
@pytest.mark.parametrize(
    "number", [*range(COMBINATIONS), *(pytest.param(n, marks=pytest.mark.long) for n in range(COMBINATIONS, 60))]
)
def test_any_salesforce_is_mirrored_and_followed(
    make_org: Callable[..., OtherOrg], make_rig: MakeRig, number: int, bulk: bool
) -> None:
    org = make_org(combination(number), rows=45, seed=number)
    org.data.add("Empty__c", 0)
    org.data.add("Plain__c", 5, without=("SystemModstamp", "LastModifiedDate", "IsDeleted", "Name", "CreatedDate"))
    in_the_bin(org)
    rig = make_rig(org, bulk=bulk)
    first = rig.cycle()
    assert (first.outcome.value, failed(first)) == ("ok", {}), first.error
    assert rig.differences() == []
    change_everything(org)
    second = rig.cycle()
    assert (second.outcome.value, failed(second)) == ("ok", {}), second.error
    assert rig.differences() == []
    leads = next(item for item in second.objects if item.name == "Lead")
    assert (leads.new, leads.updated, leads.deleted) == (1, 2, 1)
    third = rig.cycle()
    assert [(o.new, o.updated, o.deleted) for o in third.objects] == [(0, 0, 0)] * len(third.objects)


@pytest.mark.parametrize("bulk", [False, True], ids=["rest", "bulk"])
@pytest.mark.parametrize("kind", ["reset", "cut", "short", "stall", "503", "429", "busy", "404"])
def test_a_load_survives_what_passes(
    make_org: Callable[..., OtherOrg], make_rig: MakeRig, kind: str, bulk: bool
) -> None:
    org = make_org(Ways(page_rows=(20,), bulk_pages=(20,)))
    pages = r"/results" if bulk else r"GET .*/query/0r8"
    org.fault(pages, kind, times=2, after=1)
    if kind != "404":
        org.fault(r"sobjects$", kind)
        org.fault(r"POST .*/jobs/query", kind)
    rig = make_rig(org, bulk=bulk, read_seconds=0.4)
    result = rig.cycle()
    assert (result.outcome.value, failed(result)) == ("ok", {})
    assert rig.differences() == []


def test_jobs_that_vanish_between_their_pages(make_org: Callable[..., OtherOrg], make_rig: MakeRig) -> None:
    org = make_org(Ways(bulk_pages=(10,), result_pages=None))
    rig = make_rig(org, bulk=True)
    original = org._results

    def results(job: Any, query: dict[str, str]) -> Any:
        reply = original(job, query)
        if query.get("locator") == "20" and job.thing.name == "Lead":
            org.vanish()
        return reply

    org._results = results  # type: ignore[method-assign]
    result = rig.cycle()
    assert (result.outcome.value, failed(result)) == ("ok", {})
    assert rig.differences() == []


@pytest.mark.parametrize("bulk", [False, True], ids=["rest", "bulk"])
@pytest.mark.parametrize(
    ("kind", "outcome"),
    [("limit", "budget"), ("401", "sign-in-needed"), ("reset", "problems"), ("gone", "error")],
)
def test_what_stops_a_load_is_told_and_the_next_one_goes_on(
    make_org: Callable[..., OtherOrg], make_rig: MakeRig, kind: str, outcome: str, bulk: bool
) -> None:
    org = make_org(Ways(page_rows=(20,), bulk_pages=(20,)))
    place = r"/results" if bulk else r"GET .*/query/0r8"
    if kind == "gone":  # the connection itself, not the answer to one question: nothing comes any more
        org.fault(f"{place}|GET /services/data$", "reset", times=1000, after=4)
    else:
        org.fault(place, kind, times=1000, after=4)
    rig = make_rig(org, bulk=bulk)
    assert rig.cycle().outcome.value == outcome
    org._faults.clear()
    org.bulk_pages.clear()
    open_ones = [name for name, item in rig.mirror.read(all_objects).items() if not item.loaded]
    counted = "SELECT object, count(*) FROM om_load_page WHERE state = 'done' GROUP BY object"
    committed = rig.mirror.read(lambda s: dict(s.conn.execute(counted).fetchall()))
    missing = sum(-(-len(org.data.things[name].rows) // 20) - committed.get(name, 0) for name in open_ones)
    assert missing > 0
    assert rig.cycle().outcome.value == "ok"
    assert rig.differences() == []
    if bulk:
        assert len(org.bulk_pages) == missing  # none of the committed ones among them


@pytest.mark.parametrize("status", [403, 404, 500])
def test_an_object_that_cannot_be_described_does_not_stop_the_others(
    make_org: Callable[..., OtherOrg], make_rig: MakeRig, status: int
) -> None:
    org = make_org(Ways(describe_fails={"Lead": status}))
    rig = make_rig(org)
    result = rig.cycle()
    assert result.outcome.value == "problems"
    assert list(failed(result)) == ["Lead"]
    assert rig.differences() == []
    assert rig.cycle().outcome.value == "problems"
    org.ways.describe_fails.clear()
    assert rig.cycle().outcome.value == "ok"
    assert rig.differences() == []


def test_new_columns_are_filled_even_when_the_cycle_that_found_them_was_broken(
    make_org: Callable[..., OtherOrg], make_rig: MakeRig
) -> None:
    org = make_org()
    rig = make_rig(org)
    rig.cycle()
    change_everything(org)
    org.fault(r"queryAll.*New__c", "reset", times=1000)
    result = rig.cycle()
    # The org answers everything else: the object's own trouble.
    assert (result.outcome.value, list(failed(result))) == ("problems", ["Account"])
    org._faults.clear()
    assert rig.cycle().outcome.value == "ok"
    assert rig.differences() == []


def test_an_object_that_is_no_longer_shown_is_not_asked_for(
    make_org: Callable[..., OtherOrg], make_rig: MakeRig
) -> None:
    org = make_org()
    rig = make_rig(org)
    rig.cycle()
    org.advance(7300)
    org.data.things["ns__Thing__c"].visible = False
    org.data.alter("ns__Thing__c")
    for _ in range(2):  # the second is told by 304 that nothing changed
        result = rig.cycle()
        assert (result.outcome.value, failed(result)) == ("ok", {})
        assert "ns__Thing__c" not in [item.name for item in result.objects]
    org.advance(7300)
    org.data.things["ns__Thing__c"].visible = True
    org.data.alter("ns__Thing__c")
    org.data.insert("ns__Thing__c")
    assert rig.cycle().outcome.value == "ok"
    assert rig.differences() == []


def test_a_field_hidden_between_describe_and_query(make_org: Callable[..., OtherOrg], make_rig: MakeRig) -> None:
    org = make_org(Ways(gated=False))
    rig = make_rig(org)
    rig.cycle()
    org.advance(60)
    org.data.things["Lead"].hidden.add("Pick__c")
    org.data.things["Lead"].fields["New__c"] = ("string", 0, 20)
    for row in org.data.things["Lead"].rows.values():
        row["New__c"] = "n"
    org.data.alter("Lead")
    result = rig.cycle()
    assert (result.outcome.value, failed(result)) == ("ok", {})
    assert rig.differences() == []


def test_rows_that_change_while_they_are_paged(make_org: Callable[..., OtherOrg], make_rig: MakeRig) -> None:
    org = make_org(Ways(page_rows=(5,), cursor_lives=3))
    rig = make_rig(org)
    original = org._more

    def more(version: str, locator: str) -> dict[str, Any]:
        key = org.data.chance.choice(list(org.data.things["Lead"].rows))
        org.advance(1)
        org.data.change("Lead", key, Name="moving", IsDeleted=org.data.chance.random() < 0.3)
        return original(version, locator)

    org._more = more  # type: ignore[method-assign]
    assert rig.cycle().outcome.value == "ok"
    org._more = original  # type: ignore[method-assign]
    org.advance(3600)
    assert rig.cycle().outcome.value == "ok"
    assert rig.differences() == []


def test_an_org_that_shows_nothing(make_org: Callable[..., OtherOrg], make_rig: MakeRig) -> None:
    org = make_org(standard=False)
    rig = make_rig(org)
    for _ in range(2):
        result = rig.cycle()
        assert (result.outcome.value, result.objects) == ("ok", ())


def test_odd_names_and_missing_system_fields(make_org: Callable[..., OtherOrg], make_rig: MakeRig) -> None:
    org = make_org()
    for name in ("Order", "Group", "Case", "CurrencyType", "DatedConversionRate"):
        org.data.add(name, 5)
    org.data.add("Dated__c", 5, without=("SystemModstamp",))
    org.data.add("Bare__c", 5, without=("SystemModstamp", "LastModifiedDate", "IsDeleted", "Name", "CreatedDate"))
    org.data.add("Silent__c", 5).flags["queryable"] = False
    asked = ("order", "GROUP", "Case", "CurrencyType", "DatedConversionRate", "Dated__c", "Bare__c")
    rig = make_rig(org, objects=asked)
    assert rig.cycle().outcome.value == "ok"
    org.advance(7300)
    for name in ("Order", "Dated__c", "Bare__c"):
        key = next(iter(org.data.things[name].rows))
        org.data.change(name, key, Amount__c=None)
    org.data.things["Bare__c"].rows.popitem()
    assert rig.cycle().outcome.value == "ok"
    assert rig.differences() == []


def test_texts_that_break_parsers(make_org: Callable[..., OtherOrg], make_rig: MakeRig) -> None:
    org = make_org()
    org.data.insert("Lead", Name="nul\0here", Notes__c="\0")
    org.data.insert("Lead", Name="half \ud83d character", Notes__c="\udc00")
    org.data.insert("Lead", Name="long", Notes__c="é" * 200_000)
    rig = make_rig(org)
    assert rig.cycle().outcome.value == "ok"
    assert rig.differences() == []


@pytest.mark.parametrize("bulk", [False, True], ids=["rest", "bulk"])
def test_an_object_of_many_fields(make_org: Callable[..., OtherOrg], make_rig: MakeRig, bulk: bool) -> None:
    org = make_org(Ways(composite=404, address_bytes=8000, address_html=True, most_fields=300, page_rows=(60,)))
    org.data.add("Wide__c", 130, {f"A_rather_long_name_{number:03d}__c": ("string", 0, 40) for number in range(420)})
    rig = make_rig(org, bulk=bulk)
    assert rig.cycle().outcome.value == "ok"
    assert rig.differences() == []


def test_three_hundred_objects_cost_few_calls(make_org: Callable[..., OtherOrg], make_rig: MakeRig) -> None:
    org = make_org()
    for number in range(300):
        org.data.add(f"Thing{number}__c", 1, {})
    rig = make_rig(org)
    first = rig.cycle()
    assert first.outcome.value == "ok"
    # Per object: its rows, and the share of composite requests for describe, count and the first question after.
    assert first.api_calls < 3 * 305
    assert rig.differences() == []


@pytest.mark.parametrize(
    ("ways", "restricted"),
    [
        (Ways(), True),
        (Ways(userinfo=False), True),
        (Ways(userinfo=False, root_identity=False, chatter=False), False),
    ],
)
def test_connecting_and_staying_signed_in(
    make_org: Callable[..., OtherOrg], tmp_path: Path, ways: Ways, restricted: bool
) -> None:
    """By client credentials, whose token dies in mid-load: any token, whatever tells or hides who it is."""
    org = make_org(ways)
    if restricted:
        del org.data.things["Organization"], org.data.things["User"]
    draft = SignInDraft(method=SignInMethod.CLIENT_CREDENTIALS, login_url=org.url, client_id=CLIENT_ID)
    with App(Home(tmp_path / "home")) as app:
        checked = app.connections.check(draft, Secrets(client_secret=CLIENT_SECRET))
        assert checked.identity.org_id == ORG_ID
        app.connections.create("other", checked)
        org.fault(r"queryAll", "401", times=1, after=1)
        connection = app.open("other")
        result = connection.sync.run_once(EngineControl(), lambda _event: None)
        assert (result.outcome.value, failed(result)) == ("ok", {})
        assert len(connection.browse.query('SELECT "Id" FROM "Lead"').rows) == 60
    assert org.token_count == 2


# the command line


def command(capsys: pytest.CaptureFixture[str], home: Path, *words: str) -> tuple[int, Any]:
    """The exit code and the one JSON value of a command, in this process."""
    capsys.readouterr()
    code = main(["--home", str(home), *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def connected(home: Path, org: OtherOrg) -> None:
    info = {"url": org.url, "ca": None, "access_token": org.ways.token}
    done = connect(home, None, "other", "--plain-file", "--json", info=info)  # type: ignore[arg-type]
    assert done.code == 0, done.err
    assert done.json["org_id"] == ORG_ID


def test_every_ending_has_its_exit_code_and_one_json_value(
    make_org: Callable[..., OtherOrg],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(Transport, "_wait", lambda self, seconds: None)
    org = make_org(Ways(describe_fails={"Lead": 403}))
    home = tmp_path / "home"

    def sync(*words: str) -> tuple[int, str, list[str]]:
        code, answer = command(capsys, home, "sync", "other", "--once", *words)
        assert set(answer) >= {"result", "seconds", "api_calls", "objects"}
        return code, answer["result"], [item["name"] for item in answer["objects"] if item["failed"]]

    assert sync()[:2] == (1, "error")  # no such connection yet
    connected(home, org)
    assert sync() == (3, "problems", ["Lead"])
    org.ways.describe_fails.clear()
    assert sync() == (0, "ok", [])
    org.fault(r"queryAll|composite", "limit", times=1000)
    org.advance(7300)
    assert sync()[:2] == (5, "budget")
    org._faults.clear()
    org.tokens.clear()
    assert sync()[:2] == (4, "sign-in-needed")
    assert command(capsys, home, "status", "other")[1]["state"] == "sign-in-needed"
    org.tokens.add(org.ways.token)
    assert sync() == (0, "ok", [])
    assert len(command(capsys, home, "list", "other", "Lead")[1]) == 60
    for words in (["show", "other", "Lead", "00Q000000000000"], ["list", "other", "Nothing__c"], ["doctor", "nobody"]):
        code, answer = command(capsys, home, *words)
        assert (code, "error" in answer) == (1, True)
    org.stop()
    assert sync("--object", "Lead")[:2] == (1, "error")


def killed_after(home: Path, org: OtherOrg, pages: int) -> bool:
    """Sync in a process that is killed when it asked for `pages` pages more; True when it ended before."""

    def asked() -> int:
        return sum("/query/0r8" in call or "/results?" in call for call in org.calls)

    until = asked() + pages
    process = subprocess.Popen(
        arguments(home, "sync", "other", "--once", "--json"),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None:
        if asked() >= until:
            process.kill()
            process.wait()
            return False
        time.sleep(0.002)
    return True


@pytest.mark.parametrize("bulk", [False, True], ids=["rest", "bulk"])
def test_killed_again_and_again_no_committed_page_is_asked_for_twice(
    make_org: Callable[..., OtherOrg], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bulk: bool
) -> None:
    monkeypatch.setenv("ORGMIRROR_REST_MAX_ROWS", "0" if bulk else "50000")
    org = make_org(Ways(page_rows=(10,), bulk_pages=(10,), delay=0.01), rows=200)
    home = tmp_path / "home"
    connected(home, org)
    chance = random.Random(7)
    kills = 0
    while kills < 4 and not killed_after(home, org, chance.randrange(1, 14)):
        kills += 1
    assert kills == 4
    assert killed_after(home, org, 10**6)
    if bulk:
        repeated = sum(count - 1 for count in org.bulk_pages.values())
    else:
        pages = [call for call in org.calls if "/query/0r8" in call]
        repeated = len(pages) - len(set(pages))
    assert repeated <= kills * 3
    with App(Home(home)) as app:
        browse = app.open("other").browse
        for name in ("Account", "Lead", "ns__Thing__c"):
            types = org.types(name)
            answer = browse.query(f'SELECT * FROM "{name}"')
            rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
            assert differences(name, types, org.truth(name), rows) == []
