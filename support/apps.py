from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SupportConfig(AppConfig):
    """Conversations, answered by people and by the assistant."""

    name = "support"
    verbose_name = _("Support")
