"""Which failure stops everything: a query that stalls or is cut off may be that query's own trouble, or the network's.

The org is asked something small that it answers without looking at any record; where that comes back, the object fails
and the next one goes on.
"""

from __future__ import annotations

import logging

from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.salesforce.client import Client
from core.salesforce.transport import NO_RETRY
from core.sync.faults import is_fatal

log = logging.getLogger(__name__)

_PERHAPS_ITS_OWN = frozenset({ErrorCode.TIMED_OUT, ErrorCode.CANNOT_CONNECT})
ANSWER_SECONDS = 10.0


def stops_everything(error: OrgMirrorError, client: Client) -> bool:
    """Whether nothing else can go on either; may ask the org. Raises Cancelled."""
    if error.code in _PERHAPS_ITS_OWN:
        return not answers(client)
    return is_fatal(error)


def answers(client: Client) -> bool:
    """Whether the org answers at all, whatever it says. Raises Cancelled."""
    transport = client.transport
    patience, transport.retry = transport.retry, NO_RETRY
    seconds = min(ANSWER_SECONDS, transport.network.read_seconds)
    try:
        transport.request("GET", "/services/data", timeout=(min(seconds, transport.network.connect_seconds), seconds))
    except Cancelled:
        raise
    except OrgMirrorError as error:
        log.info("the org does not answer: %s", error.code.value)
        return not is_fatal(error)
    finally:
        transport.retry = patience
    return True
