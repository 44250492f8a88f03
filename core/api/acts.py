"""Acts that happen in Salesforce first and here after it: converting a lead, merging duplicates, restoring.

`connection.acts` in the window and the command line. Every method may talk to Salesforce, so it is for a background
thread; each call has an HTTP session of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.mirror.mirror import Mirror
from core.model.cancel import CancelToken
from core.model.refs import RecordRef
from core.salesforce.client import Client
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

Push = Callable[[Sequence[RecordRef], CancelToken], None]
"""Sends the edits of these records; what cannot be sent stays in the outbox."""


class ActsApi:
    """One per open connection. `push` sends pending edits of records before an act.

    Every act raises OrgMirrorError: SOAP_TOKEN (the sign-in's token is not one that SOAP takes: the act can be done on
    the record's page in Salesforce, `web_url` in its params), HAS_PENDING_EDITS, a code of the push's error table with
    Salesforce's own words, or a network code. CANNOT_CONNECT and TIMED_OUT of an act mean that nobody knows whether it
    happened; `refresh` of the records tells.
    """

    def __init__(
        self, mirror: Mirror, make_client: Callable[[CancelToken], Client], push: Push = lambda refs, cancel: None
    ) -> None:
        self._mirror = mirror
        self._make_client = make_client
        self._push = push

    def convert_form(self, lead_id: str) -> ConvertForm:
        """What a person decides before a conversion, from the mirror alone. Raises NO_SUCH_RECORD, NOT_EDITABLE."""
        raise NotImplementedError

    def convert(
        self,
        lead_id: str,
        options: ConvertOptions | None = None,
        *,
        pending: PendingEdits = PendingEdits.PUSH,
        cancel: CancelToken | None = None,
    ) -> Converted:
        """Convert a lead in Salesforce, then read back what it touched: lead, account, contact, opportunity, children."""
        raise NotImplementedError

    def merge_preview(
        self, object_name: str, master_id: str, loser_ids: Sequence[str], *, cancel: CancelToken | None = None
    ) -> MergePreview:
        """The master and up to two others side by side, as Salesforce has them now."""
        raise NotImplementedError

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

        `values` None: those of the preview (what the master lacks is taken from the others).
        """
        raise NotImplementedError

    def undelete(self, refs: Sequence[RecordRef], *, cancel: CancelToken | None = None) -> Restored:
        """Take records out of Salesforce's recycle bin, and read them back with what came along."""
        raise NotImplementedError
