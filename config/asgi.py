"""Websockets, served by daphne; complete, so that one process can serve a small shop."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Under ASGI a kept connection belongs to a thread that may never come back: share a pool.
os.environ.setdefault("DATABASE_POOL_SIZE", "8")

pages = get_asgi_application()

# Consumers import models, which are ready only now.
from orders.consumers import BoardConsumer  # noqa: E402

sockets = [path("ws/tablero/", BoardConsumer.as_asgi(), name="board")]
application = ProtocolTypeRouter({"http": pages, "websocket": URLRouter(sockets)})
