"""Taking records out of Salesforce's recycle bin, and bringing them back here with what came along."""

from __future__ import annotations

from collections.abc import Sequence

from core.mirror import copies
from core.mirror.mirror import Mirror
from core.mirror.session import WriteSession
from core.model.cancel import CancelToken
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import RecordRef, is_temporary_id, long_id
from core.salesforce.client import Client
from core.salesforce.soap import SoapClient
from core.salesforce.writes import WriteAnswer
from core.sync import acting as ground
from core.sync import soql
from core.sync.act_views import Restored


def undelete(mirror: Mirror, client: Client, refs: Sequence[RecordRef], cancel: CancelToken) -> Restored:
    """Take records out of the recycle bin. Raises OrgMirrorError: SOAP_TOKEN, ACT_UNKNOWN, or the network's."""
    wanted = [RecordRef(ref.object, long_id(ref.id)) for ref in refs]
    if any(is_temporary_id(ref.id) for ref in wanted):
        raise OrgMirrorError(ErrorCode.NO_SUCH_RECORD, object=wanted[0].object, id=wanted[0].id)
    for ref in wanted:
        ground.table_of(mirror, ref.object)
    cancel.raise_if_set()
    soap = SoapClient(client)
    answers = ground.attempt(lambda: soap.undelete([ref.id for ref in wanted]), lambda: _outcome(client, wanted))
    back = [ref for ref, answer in zip(wanted, answers, strict=True) if answer.error is None]
    failed = [
        (ref.id, answer.error.salesforce_code or "", answer.error.salesforce_text or "")
        for ref, answer in zip(wanted, answers, strict=True)
        if answer.error is not None
    ]
    by_object: dict[str, list[str]] = {}
    for ref in back:
        by_object.setdefault(ref.object, []).append(ref.id)
    mirror.write(lambda s: _forget_copies(s, back))
    changes, _ = ground.read_back(mirror, client, by_object, by_object)
    return Restored(tuple(back), tuple(failed), changes)


def _forget_copies(session: WriteSession, refs: Sequence[RecordRef]) -> None:
    for ref in refs:
        copies.forget(session, ref.object, ref.id)


def _outcome(client: Client, refs: Sequence[RecordRef]) -> list[WriteAnswer] | None:
    """Whether all of them are out of the bin after all."""
    by_object: dict[str, list[str]] = {}
    for ref in refs:
        by_object.setdefault(ref.object, []).append(ref.id)
    alive = set()
    for name, ids in by_object.items():
        for record in client.query(f"SELECT Id FROM {name} WHERE {soql.among('Id', ids)}"):
            alive.add(long_id(str(record["Id"])))
    return [WriteAnswer(ref.id) for ref in refs] if all(ref.id in alive for ref in refs) else None
