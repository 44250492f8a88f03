"""`Transport`: one thread's HTTP session with Salesforce. It carries what API libraries lack (sync-peers.md 6).

Time-outs, a Bearer header that only ever goes to the org's own host, one token renewal that resends the same request,
repeats of reads only, metering, server time, and a cancel that cuts a blocked read. A transport belongs to one thread
at a time; `clone` makes one for another thread that shares the token provider, the meter and the network settings.
"""

from __future__ import annotations

import email.utils
import random
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from requests import exceptions as http_errors
from urllib3 import exceptions as pool_errors

from core.model.cancel import CancelToken
from core.model.errors import Cancelled, ErrorCode, OrgMirrorError
from core.redaction import quiet_libraries
from core.salesforce.access import AccessProvider
from core.salesforce.answer import Answer, is_html, is_json
from core.salesforce.crowding import Crowding
from core.salesforce.errors import ErrorClass, SalesforceError, error_from_bytes
from core.salesforce.failures import network_error
from core.salesforce.meter import ApiMeter
from core.salesforce.network import Network, is_loopback
from core.salesforce.sockets import CuttableAdapter, SocketRegistry

quiet_libraries()

USER_AGENT = "OrgMirror"
_READS = frozenset({"GET", "HEAD"})
_LONGEST_WAIT = 300.0
# Salesforce's own front refuses some requests with a page, before anything of it could answer in JSON.
_HTML_REFUSALS = frozenset({400, 401, 404, 405, 408, 413, 414, 420, 429, 431})
_NET_RETRIED = frozenset({ErrorCode.CANNOT_CONNECT, ErrorCode.TIMED_OUT, ErrorCode.UNKNOWN_HOST})


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a read is repeated and how long the pauses are (seconds, doubled each time, with jitter)."""

    attempts: int = 5
    pause: float = 1.0
    longest: float = 60.0
    busy_attempts: int = 4
    busy_pause: float = 30.0
    busy_longest: float = 120.0
    timed_out_attempts: int = 2  # a query that stalled for the whole time-out once will hardly do better five times


NO_RETRY = RetryPolicy(attempts=1, busy_attempts=1)


class ServerClock:
    """Salesforce's time, from the Date headers of its answers; shared by all transports of a connection.

    The computer's own clock is never asked: it may be wrong (sync-peers.md 2.3).
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._seen: tuple[datetime, float] | None = None

    def read(self, header: str | None) -> datetime | None:
        """Take over a Date header; the moment it names, or None when it is missing or unreadable."""
        moment = parse_http_date(header)
        if moment is not None:
            self._seen = (moment, self._monotonic())
        return moment

    def now(self) -> datetime | None:
        """The last Date plus the time since: never later than the server's own clock. None before any answer."""
        seen = self._seen
        if seen is None:
            return None
        moment, at = seen
        return moment + timedelta(seconds=max(0.0, self._monotonic() - at))


def parse_http_date(header: str | None) -> datetime | None:
    """An HTTP date as an aware UTC datetime, or None."""
    if not header:
        return None
    try:
        moment = email.utils.parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Transport(requests.Session):
    """Sends requests, or raises OrgMirrorError: a network code, SIGN_IN_NEEDED, Cancelled, or a SalesforceError.

    `tokens` None sends no Authorization header (sign-in). Plain http is allowed for loopback hosts only.
    """

    def __init__(
        self,
        tokens: AccessProvider | None = None,
        *,
        network: Network | None = None,
        meter: ApiMeter | None = None,
        clock: ServerClock | None = None,
        crowding: Crowding | None = None,
        cancel: CancelToken | None = None,
        retry: RetryPolicy | None = None,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        super().__init__()
        self.trust_env = False
        self.tokens = tokens
        self.network = network or Network()
        self.meter = meter or ApiMeter()
        self.clock = clock or ServerClock()
        self.crowding = crowding or Crowding()
        self.retry = retry or RetryPolicy()
        self.server_time: datetime | None = None
        self.sent = 0
        """API calls made over this transport, requests for tokens apart."""
        self._sleep = sleep
        self._sockets = SocketRegistry()
        self._forget: Callable[[], None] = lambda: None
        self.cancel = cancel or CancelToken()
        self.headers.update({"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"})
        adapter = CuttableAdapter(self.network, self._sockets)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def clone(self, *, cancel: CancelToken | None = None, retry: RetryPolicy | None = None) -> Transport:
        """A transport for another thread, with its own sockets."""
        return Transport(
            self.tokens,
            network=self.network,
            meter=self.meter,
            clock=self.clock,
            crowding=self.crowding,
            cancel=cancel or self.cancel,
            retry=retry or self.retry,
            sleep=self._sleep,
        )

    @property
    def cancel(self) -> CancelToken:
        """The token under which requests run; a new cycle sets a new one, between requests."""
        return self._sockets.cancel

    @cancel.setter
    def cancel(self, token: CancelToken) -> None:
        self._forget()
        self._sockets.cancel = token
        self._forget = token.on_cancel(self._sockets.shut_down)

    def close(self) -> None:
        """Let go of all sockets."""
        self._forget()
        super().close()

    def request(  # type: ignore[override]
        self,
        method: str,
        url: str,
        *,
        params: Any = None,
        data: bytes | str | Mapping[str, str] | None = None,
        json: Any = None,
        headers: Mapping[str, str | None] | None = None,
        stream: bool = False,
        timeout: Any = None,
        allow: Collection[int] = (),
        read: bool | None = None,
        renew: bool = True,
    ) -> Answer:
        """One request with everything the class promises; an answer below 400, or whose status is in `allow`.

        `url` is absolute or a path of the org. `read` says whether the request may be repeated (default: GET and
        HEAD); a composite POST that holds only GETs is a read. A body must be bytes, text or JSON, so that it can be
        sent again. With `stream` the body is left to `chunks`. Without `renew` a refused token is an error like others.
        """
        verb = method.upper()
        may_repeat = verb in _READS if read is None else read
        call = _Call(
            verb, params, data, json, dict(headers or {}), stream, timeout, frozenset(allow), may_repeat, renew
        )
        attempt = 0
        while True:
            self.cancel.raise_if_set()
            attempt += 1
            try:
                return self._authorised(url, call)
            except OrgMirrorError as error:
                pause = self._pause(error, attempt) if may_repeat else None
                if pause is None:
                    raise
            self._wait(pause)

    def get_json(self, url: str, **options: Any) -> Any:
        """GET and the parsed body. Raises OrgMirrorError."""
        return self.request("GET", url, **options).json()

    def post_json(self, url: str, body: Any, *, read: bool = False, **options: Any) -> Any:
        """POST a JSON body and the parsed answer (None for an empty one). Raises OrgMirrorError."""
        answer = self.request("POST", url, json=body, read=read, **options)
        return answer.json() if answer.content else None

    def chunks(self, answer: Answer, size: int = 65_536) -> Iterator[bytes]:
        """The body of a streamed answer, unzipped. Raises OrgMirrorError for a cut, Cancelled for a cancel."""
        try:
            for chunk in answer.iter_content(size):
                self.cancel.raise_if_set()
                yield chunk
            # A body without a length ends like a complete one when its socket is shut down.
            self.cancel.raise_if_set()
        except (http_errors.RequestException, pool_errors.HTTPError, OSError) as error:
            raise self._translated(error, answer.url) from None
        finally:
            # Left early, the connection holds an unread rest and cannot serve again.
            answer.close()

    def resolve(self, url: str, instance_url: str | None) -> str:
        """`url` made absolute. Raises OrgMirrorError: BAD_URL, NOT_HTTPS.

        Libraries always write https; where the org is a loopback server without TLS, that is undone here.
        """
        if url.startswith("/"):
            if instance_url is None:
                raise OrgMirrorError(ErrorCode.BAD_URL, url=url)
            return instance_url + url
        parts = urlsplit(url)
        if instance_url and parts.scheme == "https":
            org = urlsplit(instance_url)
            if org.scheme == "http" and is_loopback(org.hostname) and org.netloc == parts.netloc:
                parts = parts._replace(scheme="http")
        if not parts.hostname or parts.scheme not in ("http", "https"):
            raise OrgMirrorError(ErrorCode.BAD_URL, url=_without_query(url))
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise OrgMirrorError(ErrorCode.NOT_HTTPS, url=_without_query(url))
        return parts.geturl()

    def _authorised(self, url: str, call: _Call) -> Answer:
        if self.tokens is None:
            return self._once(self.resolve(url, None), call, None)
        access = self.tokens.session(self.cancel)
        target = self.resolve(url, access.instance_url)
        if _origin(target) != _origin(access.instance_url):
            # The token opens the org: it goes nowhere else, whatever an answer's link may say.
            raise OrgMirrorError(ErrorCode.BAD_URL, url=_without_query(target))
        try:
            return self._once(target, call, access.access_token)
        except SalesforceError as error:
            if error.kind is not ErrorClass.AUTH or not call.renew:
                raise
        # Refused before anything was done, so any method may be sent again, once, unchanged.
        renewed = self.tokens.renew(access.access_token, self.cancel)
        if renewed.instance_url != access.instance_url:
            target = renewed.instance_url + target[len(_origin(target)) :]
        try:
            return self._once(target, call, renewed.access_token)
        except SalesforceError as error:
            if error.kind is ErrorClass.AUTH:
                raise OrgMirrorError(
                    ErrorCode.SIGN_IN_NEEDED,
                    salesforce_code=error.salesforce_code,
                    salesforce_text=error.salesforce_text,
                ) from None
            raise

    def _once(self, url: str, call: _Call, token: str | None) -> Answer:
        headers = {key: value for key, value in call.headers.items() if key.lower() != "authorization" or token is None}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        # Libraries ask for indented answers, which are half as large again.
        headers["X-PrettyPrint"] = "0"
        self.meter.sent(token=token is None)
        self.sent += token is not None
        timeout = call.timeout or (self.network.connect_seconds, self.network.read_seconds)
        try:
            with self.crowding.turn(self.cancel):
                answer = Answer.of(
                    super().request(
                        call.method,
                        url,
                        params=call.params,
                        data=call.data,
                        json=call.json,
                        headers=headers,
                        stream=True,
                        timeout=timeout,
                        allow_redirects=False,
                        proxies=self.network.proxies_for(url),
                    )
                )
        except (http_errors.RequestException, pool_errors.HTTPError, OSError) as error:
            raise self._translated(error, url) from None
        try:
            return self._judged(answer, url, call)
        except BaseException as error:
            answer.close()
            if isinstance(error, SalesforceError) and error.kind is ErrorClass.BUSY:
                self.crowding.told()
            raise

    def _judged(self, answer: Answer, url: str, call: _Call) -> Answer:
        self.server_time = self.clock.read(answer.headers.get("Date")) or self.clock.now()
        self.meter.read(answer.headers.get("Sforce-Limit-Info"))
        status = answer.status_code
        host = urlsplit(url).hostname or ""
        if status in (301, 302, 303, 307, 308):
            target = urlsplit(answer.headers.get("Location") or "").hostname
            raise OrgMirrorError(ErrorCode.NOT_SALESFORCE, host=host, redirected_to=target or host)
        if status < 400 and call.stream:
            if is_html(answer.headers):
                raise OrgMirrorError(ErrorCode.NOT_SALESFORCE, host=host)
            return answer
        try:
            content = answer.content or b""
        except (http_errors.RequestException, pool_errors.HTTPError, OSError) as error:
            raise self._translated(error, url) from None
        # A body without a length ends like a complete one when its socket is shut down.
        self.cancel.raise_if_set()
        if status >= 400 and status not in call.allow:
            if is_html(answer.headers) and status < 500 and status not in _HTML_REFUSALS:
                raise OrgMirrorError(ErrorCode.NOT_SALESFORCE, host=host, status=status)
            raise error_from_bytes(
                status,
                content,
                answer.headers.get("Content-Type") or "",
                retry_after=_retry_after(answer.headers.get("Retry-After"), self.server_time),
            )
        if status == 200 and is_html(answer.headers):
            raise OrgMirrorError(ErrorCode.NOT_SALESFORCE, host=host, status=status)
        if is_json(answer.headers) and (content or (call.read and status == 200)):
            try:
                answer.parse()
            except ValueError:
                # Cut short in a way that the transfer itself did not show.
                raise OrgMirrorError(ErrorCode.CANNOT_CONNECT, host=host, reason="truncated") from None
        return answer

    def _pause(self, error: OrgMirrorError, attempt: int) -> float | None:
        """Seconds to wait before the next try, or None when there is to be none."""
        policy = self.retry
        if isinstance(error, SalesforceError):
            wordless = error.status == 406 and error.salesforce_code is None
            if error.kind is ErrorClass.BUSY:
                attempts, pause = policy.busy_attempts, policy.busy_pause
            elif wordless or error.kind is ErrorClass.TRANSIENT:
                attempts, pause = policy.attempts, policy.pause
            else:
                return None
            if attempt >= attempts:
                return None
            if error.retry_after is not None:
                return error.retry_after if error.retry_after <= _LONGEST_WAIT else None
            if error.kind is ErrorClass.BUSY:
                return min(policy.busy_longest, max(pause, _grown(pause, attempt, policy.busy_longest)))
            return _grown(pause, attempt, max(policy.longest, pause))
        attempts = policy.attempts if error.code is not ErrorCode.TIMED_OUT else policy.timed_out_attempts
        if error.code in _NET_RETRIED and attempt < min(attempts, policy.attempts):
            return _grown(policy.pause, attempt, policy.longest)
        return None

    def _wait(self, seconds: float) -> None:
        if self._sleep is not None:
            self._sleep(seconds)
        else:
            self.cancel.wait(seconds)
        self.cancel.raise_if_set()

    def _translated(self, error: BaseException, url: str) -> OrgMirrorError:
        """The network's failure as a code with the host; the address itself may hold a query and stays out."""
        if self.cancel.is_set():
            return Cancelled()
        return network_error(error, urlsplit(url).hostname or "")


@dataclass(frozen=True, slots=True)
class _Call:
    """One request as it is sent, and sent again."""

    method: str
    params: Any
    data: Any
    json: Any
    headers: dict[str, str | None]
    stream: bool
    timeout: Any
    allow: frozenset[int]
    read: bool
    renew: bool


def _grown(pause: float, attempt: int, longest: float) -> float:
    return min(longest, pause * 2.0 ** (attempt - 1)) * random.uniform(0.8, 1.2)


def _retry_after(header: str | None, now: datetime | None) -> float | None:
    """Retry-After in seconds, from either of its two forms."""
    if not header:
        return None
    text = header.strip()
    if text.isdigit():
        return float(text)
    moment = parse_http_date(text)
    if moment is None or now is None:
        return None
    return max(0.0, (moment - now).total_seconds())


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _without_query(url: str) -> str:
    return url.partition("?")[0]
