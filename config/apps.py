from django.apps import AppConfig

# Loaded with Django: whoever queues a task finds the broker, and a start names what is missing.
from config import celery, checks, heartbeats, sentry  # noqa: F401


class WiringConfig(AppConfig):
    """The wiring, as an application so that every process loads it."""

    name = "config"

    def ready(self):
        sentry.start()
