"""Fetching what forms need of the org: page layouts and picklist values of record types."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from core.mirror import times
from core.mirror.mirror import Mirror
from core.model.cancel import CancelToken
from core.salesforce.client import Client
from core.sync import forms


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
