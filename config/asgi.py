"""Websockets, served by daphne; complete, so that one process can serve a small shop."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Under ASGI a kept connection belongs to a thread that may never come back: share a pool.
os.environ.setdefault("DATABASE_POOL_SIZE", "8")

application = ProtocolTypeRouter({"http": get_asgi_application(), "websocket": URLRouter([])})
