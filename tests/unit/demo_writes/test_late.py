"""Calls whose connection was cut and that take effect long after it, and what the org noticed was opened."""

from __future__ import annotations

import pytest

from core.demo.faults import Faults
from core.demo.http.call import Call
from core.demo.org import Org
from core.demo.site import Site
from core.demo.values import stamp
from tests.unit.demo_writes.conftest import Ask, lead, row


def test_a_late_call_waits_for_the_clock_and_holds_what_is_covered_back(org: Org, site: Site) -> None:
    made: list[str] = []
    began = org.now().replace(microsecond=0)
    site.late.add(300, lambda: made.append(lead(org)))
    assert (site.late.run_due(), made, len(site.late)) == (0, [], 1)
    org.advance_clock(200)
    assert site.late.run_due() == 0
    covered = org.view(org.admin_id).updated("Lead", began, org.now())[1]
    assert covered <= org.complete_until() == began  # type: ignore[operator]
    org.advance_clock(200)
    assert site.late.run_due() == 1
    assert made
    assert org.complete_until() is None


def test_what_it_writes_has_the_stamp_of_its_beginning(org: Org, site: Site, ask: Ask) -> None:
    at = stamp(org.now())
    session = site.sessions.open(org.admin_id)
    body = b'{"LastName":"L","Company":"C"}'
    call = Call(site, "POST", "/services/data/v65.0/sobjects/Lead", {}, {}, body, session, late_stamp=at)
    org.advance_clock(300)
    answer = site.router.run(call)
    found = row(org, "Lead", answer.payload["id"])
    assert found["CreatedDate"] == found["SystemModstamp"] == at[:23] + "+0000"


def test_a_late_fault_is_understood() -> None:
    faults = Faults()
    faults.add({"action": {"late": 60}})
    with pytest.raises(ValueError, match="stamp"):
        faults.add({"action": {"late": 60, "stamp": "whenever"}})


@pytest.mark.parametrize(
    ("path", "noticed"),
    [
        ("/sobjects/Lead/{id}", True),
        ("/composite/sobjects/Lead?ids={id}&fields=Id", True),
        ("/query?q=SELECT+Id+FROM+Lead+WHERE+Id+%3D+'{id}'", True),
        ("/queryAll?q=SELECT+Id+FROM+Lead+WHERE+Id+IN+('{id}')", True),
        ("/query?q=SELECT+Id+FROM+Lead+WHERE+Id+>+'{id}'", False),
        ("/query?q=SELECT+Id+FROM+Lead", False),
    ],
)
def test_the_org_notices_what_was_opened(org: Org, site: Site, ask: Ask, path: str, noticed: bool) -> None:
    made = lead(org)
    assert ask("GET", path.format(id=made)).status == 200
    assert (("Lead", made) in site.opened()) is noticed
    org.advance_clock(16 * 60)
    assert site.opened() == []
