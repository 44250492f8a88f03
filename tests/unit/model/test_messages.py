from __future__ import annotations

from core.messages import covered, covered_findings, finding, message
from core.mirror.doctor import FindingCode
from core.model.errors import ErrorCode, OrgMirrorError


def test_every_error_has_words() -> None:
    assert covered() == frozenset(ErrorCode)


def test_words_never_fail_for_want_of_an_argument() -> None:
    for code in ErrorCode:
        words = message(OrgMirrorError(code))
        assert words.title
        assert words.remedy
        assert "{" not in words.title + words.remedy


def test_salesforce_speaks_in_its_own_words() -> None:
    error = OrgMirrorError(
        ErrorCode.FIELD_REFUSED, salesforce_code="INVALID_FIELD", salesforce_text="No such column", object="Lead"
    )
    assert "INVALID_FIELD: No such column" in message(error).title


def test_the_translation_is_of_the_source_text() -> None:
    asked: list[str] = []

    def translate(text: str) -> str:
        asked.append(text)
        return text

    message(OrgMirrorError(ErrorCode.UNKNOWN_HOST, host="example.invalid"), translate)
    assert "There is no server named {host}." in asked


def test_every_finding_has_words() -> None:
    assert covered_findings() == {code.value for code in FindingCode}
    assert finding("column-missing", object="Lead", field="Title") == "Lead.Title has no column."
