"""The task queue: what can wait or be repeated."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("kaiu")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
