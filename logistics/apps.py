from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LogisticsConfig(AppConfig):
    """How goods travel."""

    name = "logistics"
    verbose_name = _("Logistics")

    def ready(self):
        from . import receivers  # noqa: F401
