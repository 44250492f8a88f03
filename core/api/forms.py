"""Fetching what forms need of the org: page layouts and picklist values of record types."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from core.mirror import editing, times
from core.mirror.mirror import Mirror
from core.mirror.session import Session
from core.model.cancel import CancelToken
from core.model.changes import Changes
from core.model.errors import OrgMirrorError
from core.model.refs import RecordRef
from core.salesforce.client import Client
from core.sync import forms

log = logging.getLogger(__name__)


class FormsApi:
    """Of one open connection. Network: from an interactive thread, never the GUI's. `RecordsApi.form` reads it all."""

    def __init__(
        self, mirror: Mirror, client: Callable[[CancelToken], Client], *, now: Callable[[], datetime] = times.now
    ) -> None:
        self._mirror = mirror
        self._client = client
        self._now = now

    def refresh(
        self,
        object_name: str,
        record_type: str | None = None,
        *,
        cancel: CancelToken | None = None,
        force: bool = False,
    ) -> bool:
        """Fetch layout and picklists of a record type where they are missing or a day old; whether the form changed.

        What the org refuses is no error: the form follows the rule. Raises OrgMirrorError for everything else.
        """
        client = self._client(cancel or CancelToken())
        try:
            return forms.refresh(self._mirror, client, object_name, record_type, now=self._now(), force=force)
        finally:
            client.close()

    def refresh_for(self, ref: RecordRef) -> Changes:
        """The same for the record type of a record that is shown; what views have to know.

        Trouble with the org is left to the next time: the form shows what is here.
        """
        kind = self._mirror.read(lambda session: self._record_type(session, ref))
        try:
            came = self.refresh(ref.object, kind)
        except OrgMirrorError as error:
            log.debug("the form of %s was not fetched: %s", ref.object, error.code.value)
            return Changes()
        return Changes({ref.object: frozenset({ref.id})}) if came else Changes()

    def _record_type(self, session: Session, ref: RecordRef) -> str | None:
        table = self._mirror.tables().get(ref.object)
        return None if table is None else editing.value_of(session, table, ref.id, "RecordTypeId")
