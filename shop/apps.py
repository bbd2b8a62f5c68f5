from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# Loaded with Django, so that whoever queues a task finds the broker's settings.
from config.celery import app  # noqa: F401


class ShopConfig(AppConfig):
    """What we sell, to whom, and how much of it is left."""

    name = "shop"
    verbose_name = _("Shop")

    def ready(self):
        from . import receivers  # noqa: F401
