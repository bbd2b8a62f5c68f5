"""A gateway on loopback: what the stubs of Wompi and Stripe share, faults included."""

import json
import threading
from contextlib import contextmanager
from copy import copy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import requests

from tests.config.listening import listening

# What can go wrong on the way back, once the gateway did its part or before.
FAULTS = ("slow", "error", "busy", "html", "garbage", "cut")


class Stub:
    """A server with books of its own; `fault` breaks every answer of its API from now on."""

    def __init__(self):
        self.fault = ""
        # How long "slow" is; longer than the caller's patience in every test.
        self.over = threading.Event()
        self.lock = threading.RLock()
        # Every request of the API: (method, path).
        self.heard: list[tuple[str, str]] = []
        self.address = ""
        # Where events go; without it nobody is told, as when a webhook was never set up.
        self.events_url = ""
        self.delivery = "once"  # or "twice", "late" (until tell_late()), "never"
        self._late: list[tuple[dict, bytes]] = []
        self._tellers: list[threading.Thread] = []

    def answer(self, request: "Request") -> "Response":
        """Give the answer of this gateway to one request."""
        raise KeyError(request.path)

    # --- Telling ------------------------------------------------------------------------------

    def tell(self, headers: dict, body: bytes) -> None:
        """Bring an event to the shop's door as `delivery` says, beside the answer itself."""
        if not self.events_url or self.delivery == "never":
            return
        if self.delivery == "late":
            self._late.append((headers, body))
            return
        for _time in range(2 if self.delivery == "twice" else 1):
            self._post_beside(headers, body)

    def tell_late(self) -> None:
        """Bring what was held back, the newest first."""
        while self._late:
            self._post(*self._late.pop())

    def wait(self) -> None:
        """Wait until every event that is on its way has arrived."""
        while self._tellers:
            self._tellers.pop().join()

    def _post_beside(self, headers, body):
        teller = threading.Thread(target=self._post, args=(headers, body), daemon=True)
        teller.start()
        self._tellers.append(teller)

    def _post(self, headers, body):
        headers = {"Content-Type": "application/json", **headers}
        # Once, and three times more; real pauses are of minutes and hours.
        for _try in range(4):
            answer = requests.post(
                self.events_url, data=body, headers=headers, timeout=10, allow_redirects=False
            )
            if answer.status_code == 200:
                return


class Request:
    """One request as the stubs read it."""

    def __init__(self, method, target, headers, body):
        parts = urlsplit(target)
        self.method, self.path = method, parts.path
        self.headers, self.body = headers, body
        self.query = dict(parse_qsl(parts.query))
        self.form = dict(parse_qsl(body.decode(), keep_blank_values=True))

    @property
    def key(self) -> str:
        return (self.headers.get("Authorization") or "").removeprefix("Bearer ")


class Response:
    """One answer; `is_api` says whether faults concern it."""

    def __init__(self, status=200, data=None, *, html="", location="", headers=None, is_api=True):
        self.status, self.is_api = status, is_api
        self.headers = dict(headers or {})
        self.body = html.encode() if html else b"" if data is None else json.dumps(data).encode()
        self.headers["Content-Type"] = (
            "text/html; charset=utf-8" if html else "application/json; charset=utf-8"
        )
        if location:
            self.headers["Location"] = location


class Handler(BaseHTTPRequestHandler):
    """Speaks HTTP for a stub, and breaks its answers as it says."""

    protocol_version = "HTTP/1.1"
    stub: Stub

    def _serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.command, self.path, self.headers, body)
        stub = self.stub
        with stub.lock:
            if request.path.startswith("/v1/"):
                stub.heard.append((request.method, request.path))
            response = stub.answer(request)
        self.close_connection = True
        if response.is_api and stub.fault:
            response = self._broken(response)
        if response is not None:
            self._send(response)

    def _broken(self, response: Response) -> Response | None:
        fault = self.stub.fault
        if fault == "slow":
            self.stub.over.wait(30)
            return None
        if fault == "cut":
            return None
        if fault == "html":
            return Response(200, html="<html><h1>Just a moment…</h1></html>")
        if fault == "garbage":
            torn = copy(response)
            torn.body = response.body[: len(response.body) // 2]
            return torn
        return Response({"error": 500, "busy": 429}[fault], {"error": {"type": fault}})

    def _send(self, response: Response):
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(response.body)

    do_GET = do_POST = do_PUT = do_OPTIONS = _serve

    def log_message(self, *args):
        """Say nothing."""


@contextmanager
def running(stub: Stub, handler: type[Handler] = Handler):
    """Serve the stub on a free port until the block ends."""
    handler = type("Handler", (handler,), {"stub": stub})
    with listening(ThreadingHTTPServer, handler) as stub.address:
        try:
            yield stub
        finally:
            stub.over.set()
            stub.wait()


def opened_to_forms(settings, *origins: str) -> None:
    """Let the shop's pages post forms that are redirected to these origins (a stub's page)."""
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    settings.CONTENT_SECURITY_POLICY = {
        "DIRECTIVES": {**policy, "form-action": [*policy["form-action"], *origins]}
    }
