"""Acts that happen in Salesforce first and here after it: converting a lead, merging duplicates, restoring.

`connection.acts` in the window and the command line. Every method may talk to Salesforce, so it is for a background
thread; each call has an HTTP session of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, tzinfo
from typing import Any

from core.mirror import meta, times
from core.mirror.display import computer_zone, zone_of
from core.mirror.mirror import Mirror
from core.mirror.record import web_url
from core.model.cancel import CancelToken
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import RecordRef, long_id
from core.salesforce.client import Client
from core.sync import conversion, record_merge, restoration
from core.sync.act_views import (
    Candidate,
    Choice,
    Converted,
    ConvertForm,
    ConvertOptions,
    Merged,
    MergeField,
    MergePreview,
    MergeSide,
    PendingEdits,
    Restored,
    Standing,
    ValueLeft,
)
from core.sync.expenses import keep_spent

__all__ = [
    "ActsApi",
    "Candidate",
    "Choice",
    "ConvertForm",
    "ConvertOptions",
    "Converted",
    "MergeField",
    "MergePreview",
    "MergeSide",
    "Merged",
    "PendingEdits",
    "Restored",
    "Standing",
    "ValueLeft",
]

Push = Callable[[Sequence[RecordRef], CancelToken], object]
"""Sends the edits of these records; what cannot be sent stays in the outbox."""
# What is wrong with the question itself is not mended by asking it offline.
_MINE = frozenset({ErrorCode.NO_SUCH_RECORD, ErrorCode.NO_SUCH_OBJECT, ErrorCode.NOT_EDITABLE})


class ActsApi:
    """One per open connection. `push` sends pending edits of records before an act.

    Every act raises OrgMirrorError: SOAP_TOKEN (the sign-in's token is not one that SOAP takes: the act can be done on
    the record's page in Salesforce, `url` of its params), HAS_PENDING_EDITS, a code of the push's error table with
    Salesforce's own words, ACT_UNKNOWN (the answer was lost and the records do not tell yet whether it happened), or a
    network code.
    """

    def __init__(
        self,
        mirror: Mirror,
        make_client: Callable[[CancelToken], Client],
        push: Push = lambda refs, cancel: None,
        *,
        check_identity: Callable[[Client], None] = lambda _client: None,
        now: Callable[[], datetime] = times.now,
    ) -> None:
        """`check_identity(client)` raises OTHER_ORG, asked before the first act; `now` is server time where known."""
        self._mirror = mirror
        self._make_client = make_client
        self._push = push
        self._check_identity = check_identity
        self._checked = False
        self._now = now
        self._zone: tzinfo | None = None

    def use_computer_zone(self, on: bool) -> None:
        """Show datetimes in this computer's zone instead of the Salesforce user's."""
        self._zone = computer_zone() if on else None

    def convert_form(self, lead_id: str, *, cancel: CancelToken | None = None) -> ConvertForm:
        """What a person decides before a conversion. Salesforce is asked for the statuses that mean converted; where

        it cannot be reached, those of the last time are offered. Raises NO_SUCH_RECORD, NOT_EDITABLE.
        """
        token = cancel or CancelToken()
        try:
            with self._client(token) as client:
                return conversion.convert_form(self._mirror, client, lead_id, self._zone_now())
        except OrgMirrorError as error:
            if error.code in _MINE:
                raise
            token.raise_if_set()
            return conversion.convert_form(self._mirror, None, lead_id, self._zone_now())

    def convert(
        self,
        lead_id: str,
        options: ConvertOptions | None = None,
        *,
        pending: PendingEdits = PendingEdits.PUSH,
        cancel: CancelToken | None = None,
    ) -> Converted:
        """Convert a lead in Salesforce, then read back what it touched: lead, account, contact, deal and children."""
        token = cancel or CancelToken()
        with self._paged(lead_id), self._client(token) as client:
            return conversion.convert(
                self._mirror, client, lead_id, options or ConvertOptions(), pending, self._push, token, self._now()
            )

    def merge_preview(
        self, object_name: str, master_id: str, loser_ids: Sequence[str], *, cancel: CancelToken | None = None
    ) -> MergePreview:
        """The master and up to two others side by side, as Salesforce has them now."""
        with self._client(cancel or CancelToken()) as client:
            return record_merge.merge_preview(self._mirror, client, object_name, master_id, loser_ids, self._zone_now())

    def merge(
        self,
        object_name: str,
        master_id: str,
        loser_ids: Sequence[str],
        values: Mapping[str, Any] | None = None,
        *,
        pending: PendingEdits = PendingEdits.ASK,
        cancel: CancelToken | None = None,
    ) -> Merged:
        """Merge up to two records into the master in Salesforce, `values` (stored form) set on it, then here.

        `values` None: those of the preview (what the master lacks is taken from the others). `pending` is about the
        losers' edits; the master's own stay as they are.
        """
        token = cancel or CancelToken()
        with self._paged(master_id), self._client(token) as client:
            return record_merge.merge(
                self._mirror, client, object_name, master_id, loser_ids, values, pending, self._push, token, self._now()
            )

    def undelete(self, refs: Sequence[RecordRef], *, cancel: CancelToken | None = None) -> Restored:
        """Take records out of Salesforce's recycle bin, and read them back with what came along."""
        token = cancel or CancelToken()
        with self._paged(refs[0].id if refs else ""), self._client(token) as client:
            return restoration.undelete(self._mirror, client, refs, token)

    @contextmanager
    def _paged(self, record_id: str) -> Iterator[None]:
        """Let SOAP_TOKEN say where a person can do it: `url` of its params is the record's page in Salesforce."""
        try:
            yield
        except OrgMirrorError as error:
            if error.code is ErrorCode.SOAP_TOKEN:
                instance = self._mirror.read(lambda s: meta.get(s, "instance_url")) or ""
                error.params["url"] = web_url(instance, long_id(record_id)) or instance
            raise

    @contextmanager
    def _client(self, cancel: CancelToken) -> Iterator[Client]:
        client = self._make_client(cancel)
        try:
            if not self._checked:
                self._check_identity(client)
                self._checked = True
            yield client
        finally:
            client.close()
            keep_spent(self._mirror, client.meter)

    def _zone_now(self) -> tzinfo:
        return self._zone or zone_of(self._mirror.read(lambda s: meta.get(s, "timezone")))
