"""Creating one record through the User Interface API under an idempotency key (sync-peers 2.6, number 6).

The same key sent again answers the record that it made, where the org honours keys; whether it does is tried harmlessly
with a request that would be refused. Owners: `useDefaultRule` is this API's way of asking for assignment rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import long_id
from core.salesforce.client import Client
from core.salesforce.errors import ErrorClass, SalesforceError, error_from_body
from core.salesforce.writes import WriteAnswer, WriteOptions, encoded, headers_of, is_refusal

KEY_HEADER = "Idempotency-Key"
_NO_SUCH_FIELD = "OrgMirrorNoSuchField"
# How servers say that they do not make records of this object, or none at all, in this way.
_NOT_HERE = frozenset({"INVALID_API_INPUT", "UNSUPPORTED_OBJECT", "INVALID_TYPE", "API_NOT_SUPPORTED"})


class UiRecords:
    """Belongs to its client's thread."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def create(self, name: str, values: Mapping[str, Any], key: str, options: WriteOptions) -> WriteAnswer:
        """Make a record. Raises SalesforceError of kind NOT_OFFERED where this way is closed, and OrgMirrorError for

        whatever leaves it open whether the record was made.
        """
        body: dict[str, Any] = {"apiName": name, "fields": dict(values)}
        if options.allow_duplicates:
            body["allowSaveOnDuplicate"] = True
        try:
            answer = self._post(body, key, options)
        except SalesforceError as error:
            told = refusal_of(error)
            if not is_refusal(told):
                raise told from None
            if told.kind is ErrorClass.NOT_OFFERED or (told.salesforce_code or "").upper() in _NOT_HERE:
                told.kind = ErrorClass.NOT_OFFERED
                raise told from None
            return WriteAnswer(None, told)
        made = answer.get("id") if isinstance(answer, Mapping) else None
        if not isinstance(made, str):
            raise OrgMirrorError(ErrorCode.SERVER_ERROR, status=200, reason="no-id")
        return WriteAnswer(long_id(made), created=True)

    def honours_keys(self, name: str, key: str, record_id: str) -> bool:
        """Whether a key that made `record_id` is known: sent again with a body that no server could accept, either the

        record is answered or the key is told to be used; a server that does not know the key refuses the body.
        """
        body = {"apiName": name, "fields": {_NO_SUCH_FIELD: "x"}}
        try:
            answer = self._post(body, key, WriteOptions())
        except SalesforceError as error:
            told = refusal_of(error)
            return told.status in (409, 422) or "IDEMPOTEN" in (told.salesforce_code or "").upper()
        made = answer.get("id") if isinstance(answer, Mapping) else None
        return isinstance(made, str) and long_id(made) == long_id(record_id)

    def _post(self, body: Mapping[str, Any], key: str, options: WriteOptions) -> Any:
        rules = "?useDefaultRule=true" if options.assign else ""
        return self._client.transport.request(
            "POST",
            self._client.path(f"ui-api/records{rules}"),
            data=encoded(body),
            headers={**headers_of(options), KEY_HEADER: key},
        ).json()


def refusal_of(error: SalesforceError) -> SalesforceError:
    """The refusal in the words that stand deepest: this API wraps them in `output`, by field where it can."""
    details = error.details if isinstance(error.details, Mapping) else {}
    output = details.get("output")
    if not isinstance(output, Mapping):
        return error
    by_field = output.get("fieldErrors")
    listed = [item for items in by_field.values() for item in items] if isinstance(by_field, Mapping) else []
    listed += output.get("errors") or []
    inner = next((item for item in listed if isinstance(item, Mapping) and item.get("errorCode")), None)
    if inner is None:
        return error
    fields = [str(each) for each in by_field] if isinstance(by_field, Mapping) else []
    if inner.get("field"):
        fields = [str(inner["field"])]
    return error_from_body(error.status, {**inner, "fields": fields}, retry_after=error.retry_after)
