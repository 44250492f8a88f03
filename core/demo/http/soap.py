"""The SOAP partner API: one address, the operation is in the body, the session in its header.

Of its operations there are the login (soap_login) and those that REST lacks or that clients take from it (soap_acts);
every other one answers a fault.
"""

from __future__ import annotations

from core.demo.errors import OrgError
from core.demo.http.call import Answer, Call
from core.demo.http.router import FIRST_VERSION, LAST_VERSION, Route
from core.demo.http.soap_acts import OPERATIONS, act
from core.demo.http.soap_login import login
from core.demo.http.xml import Node, Unreadable, fault, read_envelope

_NO_SESSION = "Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session key"


def partner(call: Call) -> Answer:
    """POST /services/Soap/u/{version} with an Envelope around one operation."""
    version = call.params["version"]
    try:
        header, operation = read_envelope(call.body)
    except Unreadable as error:
        return fault("soapenv:Client", f"The request could not be read: {error}", soap=True)
    if operation.name == "login":
        return login(call, version, operation)
    number = int(version.split(".")[0]) if version.split(".")[0].isdigit() else 0
    if not FIRST_VERSION <= number <= LAST_VERSION:
        return fault("UNSUPPORTED_API_VERSION", f"Invalid Api version specified on URL: {version}")
    call.version = f"{number}.0"
    if operation.name not in OPERATIONS:
        return fault("INVALID_OPERATION", f"The operation {operation.name} is not available in this organization")
    if not _signed_in(call, header):
        return fault("INVALID_SESSION_ID", _NO_SESSION)
    call.site.meter.count()
    try:
        return act(call, header, operation)
    except OrgError as error:
        return fault(error.code, error.message)


def _signed_in(call: Call, header: Node) -> bool:
    """Whether the session header holds a good token; a JWT-based one is taken only by the newest versions."""
    session = header.find("SessionHeader")
    token = session.text_of("sessionId") if session is not None else None
    if not token:
        return False
    if token.count(".") == 2 and "!" not in token and call.api_version < call.site.behaviour.soap_jwt_from:
        return False
    call.session = call.site.sessions.find(token)
    return call.session is not None


OUTSIDE = [
    Route("POST", "/services/Soap/u/{version}", partner, public=True, free=True),
    Route("POST", "/services/Soap/u/{version}/{org}", partner, public=True, free=True),
]
