"""The task queue: what can wait or be repeated."""

import os

from celery import Celery, signals

from . import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

broker.use()
app = Celery("kaiu")
app.config_from_object("django.conf:settings", namespace="CELERY")


@signals.setup_logging.connect
def _leave_the_log_alone(**_kept):
    """Keep the log that Django's settings describe: Celery would write its own."""
