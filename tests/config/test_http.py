"""Calling outside services: whatever they do, the caller gets one of two errors, and in time."""

import socket
import socketserver
import threading
import time
from contextlib import contextmanager

import pytest

from config.lib import http
from config.lib.errors import ProviderRefused, ProviderUnavailable

from .listening import listening

OK = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def server(answer):
    """Give the address of a server on loopback; `answer(request, write)` plays it byte by byte."""
    heard = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            request = b""
            while b"\r\n\r\n" not in request:
                request += self.request.recv(65_536)
            heard.append(request)
            try:
                answer(request, self.request.sendall)
            except OSError:
                return  # The caller hung up.

    with listening(socketserver.ThreadingTCPServer, Handler) as address:
        yield address, heard


def saying(status: str, body: bytes, *headers: str):
    """Give a server's answer with this status and body."""
    lines = "".join(f"{line}\r\n" for line in (f"Content-Length: {len(body)}", *headers))

    def answer(request, write):
        write(f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body)

    return answer


def asked(answer, **options):
    with server(answer) as (address, _heard):
        return http.ask("GET", address, **options)


def test_json_is_read():
    assert asked(saying("200 OK", b'{"a": [1, "\xc3\xb1"]}')) == {"a": [1, "ñ"]}
    assert asked(saying("201 Created", b"")) is None


def test_what_is_sent_arrives():
    with server(saying("200 OK", b"{}")) as (address, heard):
        http.ask(
            "POST",
            f"{address}/v1/x",
            parameters={"q": "a b"},
            json={"n": 1},
            headers={"Authorization": "Bearer k"},
        )

    (request,) = heard
    assert request.startswith(b"POST /v1/x?q=a+b HTTP/1.1\r\n")
    assert b"Authorization: Bearer k\r\n" in request
    assert b"Content-Type: application/json\r\n" in request


@pytest.mark.parametrize(
    "answer",
    [
        saying("500 Internal Server Error", b"{}"),
        saying("503 Service Unavailable", b"<html>"),
        saying("429 Too Many Requests", b"{}"),
        saying("408 Request Timeout", b"{}"),
        saying("200 OK", b"<html>Just a moment</html>"),
        saying("200 OK", b'{"a": NaN}'),
        saying("200 OK", b"[" * 100_000),
        saying("200 OK", b'{"a": "\xff"}'),
        lambda request, write: None,
        lambda request, write: write(b"SSH-2.0-OpenSSH_9.2\r\n"),
        lambda request, write: write(OK + b'Content-Length: 99\r\n\r\n{"a": 1}'),
        lambda request, write: write(OK + b'Transfer-Encoding: chunked\r\n\r\n8\r\n{"a": 1}\r\n'),
    ],
    ids=[
        "500",
        "503",
        "429",
        "408",
        "html",
        "nan",
        "deep",
        "latin",
        "silent close",
        "not http",
        "cut",
        "cut chunks",
    ],
)
def test_what_is_no_answer_means_try_again(answer):
    with pytest.raises(ProviderUnavailable):
        asked(answer)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (
            "422 Unprocessable",
            b'{"error": {"type": "INPUT_VALIDATION_ERROR"}}',
            "INPUT_VALIDATION_ERROR",
        ),
        ("400 Bad Request", b'{"error": {"type": "a", "code": "b"}}', "b"),
        ("401 Unauthorized", b'{"error": "invalid_key"}', "invalid_key"),
        ("404 Not Found", b"<html>", ""),
        ("403 Forbidden", b'{"error": "Your key sk_test_123 is wrong"}', ""),
        ("302 Found", b"", ""),
    ],
)
def test_a_refusal_carries_the_status_and_the_code_but_no_words(status, body, code):
    with pytest.raises(ProviderRefused) as refused:
        asked(saying(status, body, "Location: http://127.0.0.1:9/"), headers={"X": "secret-key"})

    assert (refused.value.status, refused.value.code) == (int(status[:3]), code)
    assert "sk_test" not in str(refused.value)
    assert "secret" not in repr(refused.value)


def test_a_refused_connection_means_try_again():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    with pytest.raises(ProviderUnavailable, match=r"127\.0\.0\.1 cannot be reached"):
        http.ask("GET", f"http://127.0.0.1:{port}/?key=secret")


def drip(head: bytes, piece: bytes):
    """Give an answer of three seconds: one piece now and then."""
    pause = threading.Event()

    def answer(request, write):
        write(head)
        for _piece in range(60):
            pause.wait(0.05)
            write(piece)

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        drip(b"", b""),
        drip(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
        drip(OK + b"Content-Length: 1000\r\n\r\n", b"a"),
        drip(OK + b"Content-Length: 1000\r\nConnection: close\r\n\r\n", b"a"),
        drip(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
    ],
    ids=["silence", "headers", "one header", "body", "body of a closed one", "chunks"],
)
def test_a_slow_server_is_left_in_time(answer):
    began = time.monotonic()

    with pytest.raises(ProviderUnavailable, match="did not answer in time"):
        asked(answer, seconds=0.4)

    assert time.monotonic() - began < 2


def test_an_answer_without_end_is_left():
    with pytest.raises(ProviderUnavailable, match="too much"):
        asked(saying("200 OK", b'"' + b"a" * 5_000 + b'"'), largest=4_000)


def test_redirects_are_followed_only_when_asked_and_keep_the_key_at_home():
    with server(saying("200 OK", b'"here"')) as (target, heard):
        moved = saying("302 Found", b"", f"Location: {target}/there")
        key = {"Authorization": "Bearer k"}

        assert asked(moved, redirects=1, headers=key) == "here"
        assert heard[0].startswith(b"GET /there ")
        assert b"Bearer" not in heard[0]
        with pytest.raises(ProviderRefused):
            asked(moved)
        with server(moved) as (address, _heard), pytest.raises(ProviderRefused):
            http.ask("POST", address, redirects=1)
    assert len(heard) == 1


# --- Our own network ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "ff02::1",
    ],
)
def test_an_address_of_a_private_network_is_none_of_the_internet(address):
    assert http.is_public(address) is False


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_an_address_of_the_internet_is_public(address):
    assert http.is_public(address) is True


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1"])
def test_our_own_machine_is_called_by_no_name(settings, host):
    settings.HTTP_PRIVATE_HOSTS = []
    with server(saying("200 OK", b"{}")) as (address, heard):
        port = address.rpartition(":")[2]

        with pytest.raises(ProviderRefused) as refused:
            http.ask("GET", f"https://{host}:{port}/")

    assert refused.value.code == "private_address"
    assert heard == []


def test_what_is_not_encrypted_goes_to_hosts_of_ours_only(settings):
    settings.HTTP_PRIVATE_HOSTS = []

    with pytest.raises(ProviderRefused) as refused:
        http.ask("GET", "http://127.0.0.1:9/")

    assert refused.value.code == "not_https"


def test_a_redirect_into_our_network_is_refused(settings):
    with server(saying("200 OK", b'"inside"')) as (inside, heard):
        port = inside.rpartition(":")[2]
        moved = saying("302 Found", b"", f"Location: https://localhost:{port}/")

        with pytest.raises(ProviderRefused) as refused:
            asked(moved, redirects=3)

    assert refused.value.code == "private_address"
    assert heard == []


# No name server answers on loopback: in these two tests the look-up of names is played.


def test_a_name_that_changes_its_address_is_called_where_it_was_checked(settings, monkeypatch):
    """The second look of a rebinding name never happens: it would lead to 127.0.0.1."""
    looks, reached = [], []

    def look_up(host, port, *args, **options):
        looks.append(host)
        address = "1.1.1.1" if len(looks) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(address, *args, **options):
        reached.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr("config.lib.http.socket.getaddrinfo", look_up)
    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    settings.HTTP_PRIVATE_HOSTS = []

    with pytest.raises(ProviderUnavailable):
        http.ask("GET", "https://rebinding.example/")

    assert reached == [("1.1.1.1", 443)]
    assert looks == ["rebinding.example"]


def test_one_private_address_among_public_ones_refuses_the_name(settings, monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, 443)) for a in ("1.1.1.1", "10.0.0.1")]
    monkeypatch.setattr("config.lib.http.socket.getaddrinfo", lambda *args, **options: found)

    with pytest.raises(ProviderRefused):
        http.ask("GET", "https://mixed.example/")


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "gopher://x/", "https://", "https://a@127.0.0.1/", "https://[::1/", "x"],
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ProviderRefused) as refused:
        http.ask("GET", address)

    assert refused.value.code == "bad_address"


def test_no_proxy_and_no_stored_password_is_used(monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with server(saying("200 OK", b"{}")) as (address, heard):
        http.ask("GET", address)

    assert b"Authorization" not in heard[0]
