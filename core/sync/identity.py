"""Whose org is it? Credentials that lead to another org than the mirror's are refused before anything is asked."""

from __future__ import annotations

import re
from collections.abc import Callable

from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import long_id
from core.salesforce.client import Client
from core.salesforce.identity import org_of

# An opaque token begins with the org's id; a JWT-based one does not (salesforce-api 3.1).
_OPAQUE = re.compile(r"^(00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?)!")


def identity_guard(org_id: str, name: str) -> Callable[[Client], None]:
    """A check that raises OTHER_ORG. Costs no call where the token itself names the org, one or a few otherwise."""

    def check(client: Client) -> None:
        tokens = client.transport.tokens
        token = tokens.session().access_token if tokens is not None else ""
        match = _OPAQUE.match(token)
        if match and long_id(match[1]) == org_id:
            return
        found = org_of(client)
        # Nothing tells the org to some users; then what connecting found out has to do.
        if found is not None and found != org_id:
            raise OrgMirrorError(ErrorCode.OTHER_ORG, name=name)

    return check
