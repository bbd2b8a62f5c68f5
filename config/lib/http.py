"""The one way to call an outside service: bounded in time and size, and never into our own network.

Whatever goes wrong becomes ProviderUnavailable (try again) or ProviderRefused (do not); neither
carries an address, a key or a body.
"""

import json
import logging
import re
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urljoin, urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from . import metrics
from .errors import ProviderRefused, ProviderUnavailable

logger = logging.getLogger(__name__)

# From the first packet to the last byte, so that a person who waits gets an answer.
SECONDS = 9
_SECONDS_TO_CONNECT = 3
LARGEST = 2 * 1024 * 1024
_MOST_ADDRESSES = 3
# "Try again" in the words of HTTP, besides everything from 500 on.
_LATER = {408, 425, 429}
_MAPPED_BY_ROUTERS = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True)
class Answer:
    """What came back, with any status."""

    host: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def data(self):
        """Give the body as JSON, None when it is empty; anything else is no answer."""
        if not self.body.strip():
            return None
        try:
            return json.loads(self.body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise ProviderUnavailable(
                f"{self.host} answered something that is not JSON", status=self.status
            ) from None


def ask(method: str, url: str, **options):
    """Call and give the JSON of a good answer; a bad one raises."""
    answer = exchange(method, url, **options)
    require_good(answer)
    return answer.data()


def exchange(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    parameters: Mapping[str, object] | None = None,
    json: object = None,
    body: bytes | str | None = None,
    seconds: float | None = None,
    largest: int = LARGEST,
    redirects: int = 0,
) -> Answer:
    """Call and give what came back, whatever its status; follow so many redirects of a GET."""
    seconds = SECONDS if seconds is None else seconds
    call = _Call()
    timer = threading.Timer(seconds, call.cut)
    timer.daemon = True
    timer.start()
    options = {"params": parameters, "json": json, "data": body}
    headers = dict(headers or {})
    started, outcome = time.perf_counter(), "failed"
    try:
        while True:
            answer = _send(call, method, url, headers, options, seconds, largest)
            outcome = str(answer.status)
            target = answer.headers.get("Location")
            if not redirects or method not in ("GET", "HEAD") or not target:
                return answer
            if answer.status not in (301, 302, 303, 307, 308):
                return answer
            redirects -= 1
            options = {}
            url, headers = _next(url, target, headers)
    except ProviderUnavailable:
        outcome = "unavailable"
        raise
    except ProviderRefused:
        outcome = "refused"
        raise
    finally:
        timer.cancel()
        _tell(method, url, outcome, time.perf_counter() - started)


def _tell(method: str, url: str, outcome: str, seconds: float) -> None:
    """Write down who was called and how it went; the id of the request stays with us."""
    try:
        host = urlsplit(url).hostname or "none"
    except ValueError:
        host = "none"
    service = _service_of(host)
    metrics.count("kaiu_outside_calls", service=service, outcome=outcome)
    metrics.observe("kaiu_outside_call_seconds", seconds, service=service)
    logger.info(
        "Outside call",
        extra={
            "method": method,
            # Anybody's host name may hold anything: only of those that we know is it written.
            "host": host if service != "other" else "another",
            "service": service,
            "outcome": outcome,
            "ms": round(seconds * 1000, 1),
        },
    )


def _service_of(host: str) -> str:
    known = {**settings.GATEWAY_ADDRESSES, **settings.CARRIER_ADDRESSES}
    for name, addresses in known.items():
        if any(urlsplit(address).hostname == host for address in addresses.values()):
            return name
    return "private" if _is_ours(host) else "other"


def require_good(answer: Answer) -> None:
    """Raise what a bad status means, with the provider's own short code if it gave one."""
    status = answer.status
    if 200 <= status < 300:
        return
    code = _code(answer.body)
    message = f"{answer.host} answered {status} {code}".strip()
    kind = ProviderUnavailable if status >= 500 or status in _LATER else ProviderRefused
    raise kind(message, status=status, code=code)


class _Call:
    """One call: what a watch on its time needs to end it."""

    def __init__(self):
        self.socket = None
        self.is_over = False

    def cut(self) -> None:
        """End the call: a server that sends a byte now and then would never meet a time-out."""
        self.is_over = True
        if self.socket is not None:
            try:
                self.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # It ended by itself.


class _Guard:
    """A connection that looks at where it really goes, and goes there and nowhere else."""

    is_encrypted = False
    call: _Call

    def _new_conn(self):
        name = self._dns_host
        if not self.is_encrypted and not _is_ours(name):
            raise ProviderRefused(f"{name} is not called without encryption", code="not_https")
        last_error = None
        for address in _addresses(name, self.port):
            if self.call.is_over:
                break
            # The address that was checked is the one that is called: a name cannot change between.
            self._dns_host = address
            try:
                return super()._new_conn()
            except (NewConnectionError, ConnectTimeoutError) as error:
                last_error = error
            finally:
                self._dns_host = name
        raise last_error or TimeoutError

    def connect(self):
        super().connect()
        self.call.socket = self.sock
        if self.call.is_over:
            self.call.cut()


class _HttpConnection(_Guard, HTTPConnection):
    pass


class _HttpsConnection(_Guard, HTTPSConnection):
    is_encrypted = True


class _Pool:
    def __init__(self, *args, call: _Call, **options):
        super().__init__(*args, **options)
        self._call = call

    def _new_conn(self):
        connection = super()._new_conn()
        connection.call = self._call
        return connection


class _HttpPool(_Pool, HTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _HttpsPool(_Pool, HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection


class _Adapter(HTTPAdapter):
    def __init__(self, call: _Call):
        super().__init__(max_retries=0)
        self.poolmanager.pool_classes_by_scheme = {
            "http": partial(_HttpPool, call=call),
            "https": partial(_HttpsPool, call=call),
        }


def _send(call: _Call, method, url, headers, options, seconds, largest) -> Answer:
    host = _host(url)
    with requests.Session() as session:
        # No proxy, no .netrc: they would go where nobody looked, or with another's name.
        session.trust_env = False
        session.mount("http://", _Adapter(call))
        session.mount("https://", _Adapter(call))
        try:
            response = session.request(
                method,
                url,
                headers=headers,
                timeout=(min(_SECONDS_TO_CONNECT, seconds), seconds),
                allow_redirects=False,
                stream=True,
                **{name: value for name, value in options.items() if value is not None},
            )
            body = _body(response, host, largest)
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidHeader):
            raise ProviderRefused(f"{host} cannot be called so", code="bad_request") from None
        except (requests.RequestException, HTTPError, OSError) as error:
            raise ProviderUnavailable(_silence(host, error, call)) from None
        if call.is_over:
            raise ProviderUnavailable(f"{host} did not answer in time")
    return Answer(host, response.status_code, CaseInsensitiveDict(response.headers), body)


def _body(response, host: str, largest: int) -> bytes:
    received = bytearray()
    while chunk := response.raw.read1(65_536, decode_content=True):
        received += chunk
        if len(received) > largest:
            raise ProviderUnavailable(f"{host} answered too much", status=response.status_code)
    return bytes(received)


def _silence(host: str, error: Exception, call: _Call) -> str:
    if call.is_over or isinstance(error, requests.Timeout | TimeoutError):
        return f"{host} did not answer in time"
    return f"{host} cannot be reached ({type(error).__name__})"


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or parts.username is not None:
        raise ProviderRefused("This address cannot be called", code="bad_address")
    return host


def _next(url: str, target: str, headers: dict) -> tuple[str, dict]:
    """Give the address that a redirect names; keys stay with the host they are for."""
    following = urljoin(url, target)
    before, after = urlsplit(url), urlsplit(following)
    if (before.scheme, before.netloc) != (after.scheme, after.netloc):
        headers = {name: headers[name] for name in headers if name.lower() in ("accept",)}
    return following, headers


def _is_ours(host: str) -> bool:
    return host.lower() in settings.HTTP_PRIVATE_HOSTS


def _addresses(host: str, port: int) -> list[str]:
    """Give the addresses behind a name; one that leads into a private network refuses the call."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ProviderUnavailable(f"{host} has no address") from None
    addresses = list(dict.fromkeys(address[4][0] for address in found))
    if not _is_ours(host) and not all(map(is_public, addresses)):
        raise ProviderRefused(f"{host} leads into a private network", code="private_address")
    return addresses[:_MOST_ADDRESSES]


def is_public(address: str) -> bool:
    """Say whether an address belongs to the open internet, also one written inside another."""
    number: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(number, IPv6Address):
        inside = number.ipv4_mapped or number.sixtofour
        if number in _MAPPED_BY_ROUTERS:
            inside = IPv4Address(int(number) & 0xFFFF_FFFF)
        if number.teredo:
            return False
        number = inside or number
    return number.is_global and not number.is_multicast and not number.is_reserved


def _code(body: bytes) -> str:
    """Give the short code that a provider names its refusal with; never free text."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    error = told.get("error", told) if isinstance(told, dict) else None
    if isinstance(error, dict):
        error = error.get("code") or error.get("type")
    text = error if isinstance(error, str) else ""
    return text if re.fullmatch(r"[A-Za-z0-9_.-]{1,60}", text) else ""


def _refuse_constant(name: str):
    raise ValueError(name)
