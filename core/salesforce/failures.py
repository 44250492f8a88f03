"""What a failed transfer was: libraries wrap exceptions in exceptions, and the cause lies somewhere in the chain."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from http.client import IncompleteRead

from requests import exceptions as http_errors
from urllib3 import exceptions as pool_errors

from core.model.errors import ErrorCode, OrgMirrorError


def network_error(error: BaseException, host: str) -> OrgMirrorError:
    """What a failed transfer was, found in the chain of exceptions that wrap it."""
    chain = list(_causes(error))

    def found(*kinds: type[BaseException]) -> BaseException | None:
        return next((item for item in chain if isinstance(item, kinds)), None)

    certificate = found(ssl.SSLCertVerificationError)
    if certificate is not None:
        return OrgMirrorError(
            ErrorCode.BAD_CERTIFICATE, host=host, reason=getattr(certificate, "verify_message", "") or ""
        )
    if found(
        http_errors.InvalidURL, http_errors.MissingSchema, http_errors.InvalidSchema, pool_errors.LocationParseError
    ):
        return OrgMirrorError(ErrorCode.BAD_URL, url=host)
    if found(http_errors.ProxyError, pool_errors.ProxyError) or "Tunnel connection failed" in str(error):
        return OrgMirrorError(ErrorCode.CANNOT_CONNECT, host=host, reason="proxy")
    if found(pool_errors.NameResolutionError, socket.gaierror):
        return OrgMirrorError(ErrorCode.UNKNOWN_HOST, host=host)
    # urllib3 counts a refused connection among its time-outs, for the sake of old callers.
    if any(
        isinstance(item, (http_errors.Timeout, pool_errors.TimeoutError, TimeoutError))
        and not isinstance(item, pool_errors.NewConnectionError)
        for item in chain
    ):
        return OrgMirrorError(ErrorCode.TIMED_OUT, host=host)
    if found(http_errors.ChunkedEncodingError, pool_errors.IncompleteRead, IncompleteRead):
        return OrgMirrorError(ErrorCode.CANNOT_CONNECT, host=host, reason="truncated")
    if found(ssl.SSLError, http_errors.SSLError):
        return OrgMirrorError(ErrorCode.CANNOT_CONNECT, host=host, reason="tls")
    return OrgMirrorError(ErrorCode.CANNOT_CONNECT, host=host)


def was_never_sent(error: BaseException) -> bool:
    """Whether the request cannot have reached the server: no name, no connection, no TLS, no proxy.

    A write that failed otherwise may have been processed all the same.
    """
    if isinstance(error, OrgMirrorError) and error.code in (ErrorCode.UNKNOWN_HOST, ErrorCode.BAD_CERTIFICATE):
        return True
    unreached = (
        pool_errors.NewConnectionError,
        pool_errors.NameResolutionError,
        pool_errors.ConnectTimeoutError,
        pool_errors.ProxyError,
        http_errors.ConnectTimeout,
        ConnectionRefusedError,
        socket.gaierror,
    )
    return any(isinstance(item, unreached) for item in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        item = waiting.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        yield item
        linked = [item.__cause__, item.__context__, getattr(item, "reason", None), *item.args]
        waiting.extend(link for link in linked if isinstance(link, BaseException))
