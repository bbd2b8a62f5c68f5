from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ShopConfig(AppConfig):
    """What we sell, to whom, and how much of it is left."""

    name = "shop"
    verbose_name = _("Shop")

    def ready(self):
        from . import receivers  # noqa: F401
