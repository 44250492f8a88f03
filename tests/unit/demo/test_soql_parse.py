"""SOQL text: what is understood, and how the rest is refused."""

from __future__ import annotations

import pytest

from core.demo.errors import OrgError
from core.demo.soql import tree
from core.demo.soql.parse import parse, unescape


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT Id FROM Lead",
        "select id,name from lead l where l.name like 'A%' order by l.name asc nulls last limit 5 offset 2",
        "SELECT Count() FROM Group",
        "SELECT Id FROM Order WHERE Group__c = 'x' AND Not__c != null",
        "SELECT Name n, COUNT(Id) c FROM Account GROUP BY Name HAVING COUNT(Id) > 1 AND SUM(Amount__c) <= 3.5",
        "SELECT Id, (SELECT Id FROM Contacts WHERE x = true ORDER BY y DESC LIMIT 3) FROM Account FOR VIEW",
        "SELECT TYPEOF What WHEN Account THEN Phone, Name WHEN Opportunity THEN Amount ELSE Name END FROM Event",
        "SELECT TYPEOF What WHEN Account THEN Phone END, Id FROM Event",
        "SELECT FIELDS(ALL), Account.Name FROM Contact LIMIT 200",
        "SELECT Id FROM Lead WHERE NOT (a = 1 OR b = 2) AND NOT c = 3",
        "SELECT Id FROM Lead WHERE (a = 1 AND b = 2) OR (c = 3 AND (d = 4 OR e = 5))",
        "SELECT Id FROM Lead WHERE a IN ('x','y') AND b NOT IN (1, 2.5, -3) AND c INCLUDES ('a;b','c')",
        "SELECT Id FROM Lead WHERE m EXCLUDES ('a')",
        "SELECT Id FROM Lead WHERE d = 2026-01-31 AND t >= 2026-01-31T00:00:00Z AND t < 2026-01-31T00:00:00+02:00",
        "SELECT Id FROM Lead WHERE t = 2026-01-31T00:00:00.123-0800 OR x = 10:30:00.000Z OR y = LAST_N_DAYS:30",
        "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE LastName = 'x')",
        "SELECT Id FROM Account USING SCOPE mine WHERE CALENDAR_YEAR(convertTimezone(CreatedDate)) = 2026",
        "SELECT Id FROM Account WITH SECURITY_ENFORCED",
        "SELECT Id FROM Account ALL ROWS FOR REFERENCE UPDATE TRACKING",
        "SELECT toLabel(Status), FORMAT(Amount) f FROM Lead",
        "SELECT\n\tId\r\nFROM\nLead\n",
        "SELECT Type, Order, Limit__c, Select__c FROM Case",
    ],
)
def test_understood(soql: str) -> None:
    assert isinstance(parse(soql), tree.Query)


def test_the_tree() -> None:
    query = parse(
        "SELECT a.Name, (SELECT Id FROM Contacts) FROM Account a WHERE x = 'y' ORDER BY z DESC LIMIT 3 OFFSET 4"
    )
    assert query.source.text == "Account"
    assert query.alias == "a"
    assert query.select[0] == tree.Selected(tree.Path(("a", "Name"), 7), None)
    assert isinstance(query.select[1], tree.Child)
    assert query.where == tree.Compare(tree.Path(("x",), 62), "=", tree.Value("string", "y", 66))
    assert query.order == (tree.Order(tree.Path(("z",), 79), True, False),)
    assert (query.limit, query.offset) == (3, 4)


@pytest.mark.parametrize(
    ("soql", "message"),
    [
        (
            "SELECT Id FRM Lead",
            "\nSELECT Id FRM Lead\n              ^\nERROR at Row:1:Column:15\nunexpected token: 'Lead'",
        ),
        ("SELECT Id FROM", "\nSELECT Id FROM\n              ^\nERROR at Row:1:Column:15\nunexpected token: '<EOF>'"),
        (
            "SELECT Id\nFROM Lead\nWHERE ) = 1",
            "\nWHERE ) = 1\n      ^\nERROR at Row:3:Column:7\nunexpected token: ')'",
        ),
    ],
)
def test_errors_in_the_captured_form(soql: str, message: str) -> None:
    with pytest.raises(OrgError) as caught:
        parse(soql)
    assert (caught.value.code, caught.value.status, caught.value.message) == ("MALFORMED_QUERY", 400, message)


@pytest.mark.parametrize(
    ("soql", "token"),
    [
        ("", "<EOF>"),
        ("UPDATE Lead", "UPDATE"),
        ("SELECT Id FROM Lead WHERE a = 1 AND b = 2 OR c = 3", "OR"),
        ("SELECT Id FROM Lead WHERE a = 1 OR b = 2 AND c = 3", "OR"),
        ("SELECT Id FROM Lead WHERE a = 'x", "'"),
        ("SELECT Id FROM Lead LIMIT -1", "-1"),
        ("SELECT Id FROM Lead LIMIT 1.5", "1.5"),
        ("SELECT Id FROM Lead WHERE a = :b", ":"),
        ("SELECT * FROM Lead", "*"),
        ("SELECT Id, FROM Lead", "<EOF>"),
        ("SELECT Id FROM Lead;", ";"),
    ],
)
def test_unexpected_tokens(soql: str, token: str) -> None:
    with pytest.raises(OrgError) as caught:
        parse(soql)
    assert caught.value.code == "MALFORMED_QUERY"
    assert caught.value.message.endswith(f"unexpected token: '{token}'")


def test_too_long() -> None:
    with pytest.raises(OrgError, match="100000 characters"):
        parse("SELECT Id FROM Lead WHERE Name = '" + "x" * 100_000 + "'")


def test_an_error_far_in_a_long_line_shows_its_surroundings() -> None:
    soql = "SELECT " + ", ".join(f"Field{n}__c" for n in range(100)) + " FRM Lead WHERE x = 1"
    with pytest.raises(OrgError) as caught:
        parse(soql)
    _, line, caret, place, _ = caught.value.message.split("\n")
    assert line[caret.index("^") :].startswith("Lead WHERE")
    assert place == f"ERROR at Row:1:Column:{soql.index('Lead WHERE') + 1}"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r"O\'Neill", "O'Neill"),
        (r"a\nb\r\tc", "a\nb\r\tc"),
        (r"back\\slash", "back\\slash"),
        (r"\u00e9\"", 'é"'),
        (r"50\%", "50%"),
        ("日本", "日本"),
    ],
)
def test_escapes(written: str, text: str) -> None:
    assert unescape(written) == text


def test_escapes_of_like_keep_their_backslash() -> None:
    assert unescape(r"50\%\_\'\\", like=True) == "50\\%\\_'\\\\"


def test_thousands_of_ids_in_one_list() -> None:
    ids = ",".join(f"'00Q{n:015}'" for n in range(4000))
    query = parse(f"SELECT Id FROM Lead WHERE Id IN ({ids})")
    assert isinstance(query.where, tree.In)
    assert len(query.where.values) == 4000
