"""Moments as the back-office writes them."""

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _


def short_moment(moment) -> str:
    """Write a moment as people say it: the year only when it is another one."""
    local = timezone.localtime(moment)
    this_year = local.year == timezone.localtime().year
    # Translators: a short day as Django's dates are written: "j M" gives 9 Mar, "j b" gives 9 mar.
    day = date_format(local, _("j M") if this_year else _("j M Y"))
    return f"{day}, {time_format(local, 'H:i')}"
