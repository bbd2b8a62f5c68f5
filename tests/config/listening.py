"""A server on loopback that listens while a test needs it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseRequestHandler, TCPServer


@contextmanager
def listening(server: type[TCPServer], handler: type[BaseRequestHandler]) -> Iterator[str]:
    """Have a server of this kind on a free port until the block ends; give its address."""
    with server(("127.0.0.1", 0), handler) as running:
        running.daemon_threads = True
        thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_address[1]}"
        finally:
            running.shutdown()
            thread.join()
