"""The sockets' application is complete: alone it can serve a small shop."""

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator

from config.asgi import application
from tests import make


async def get(path: str) -> tuple[int, str]:
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"sola.localhost")],
        "server": ("127.0.0.1", 8001),
        "client": ("127.0.0.1", 50000),
    }
    communicator = ApplicationCommunicator(application, scope)
    await communicator.send_input({"type": "http.request", "body": b""})
    start = await communicator.receive_output(timeout=20)
    body = b""
    while True:
        part = await communicator.receive_output(timeout=20)
        body += part.get("body", b"")
        if not part.get("more_body"):
            await communicator.wait(timeout=20)
            return start["status"], body.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/healthz", "/productos/"])
def test_pages_are_answered_without_the_web_server(path):
    make.organization(host="sola.localhost", name="Tienda sola")

    status, page = async_to_sync(get)(path)

    assert status == 200
    assert path == "/healthz" or "Tienda sola" in page
