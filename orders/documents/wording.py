"""The words and shapes that printed documents share."""

import re
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.platypus import HRFlowable

from config.lib import money
from shop import branding
from shop import documents as identity
from shop.models import Organization
from shop.postal import phone

from ..models import Order, OrderLine


def tax_number(text: str) -> str:
    """Write a NIT as people read it, with dots and its check digit: 900.373.076-4."""
    bare = re.sub(r"[\s.,·]", "", text)
    number, dash, digit = bare.partition("-")
    if not dash and len(bare) == 10 and bare.isdecimal():
        number, digit = bare[:-1], bare[-1]
    if not number.isdecimal():
        return text
    digit = digit or str(identity.check_digit(number))
    return f"{int(number):,}".replace(",", ".") + f"-{digit}"


def full_name(line: OrderLine) -> str:
    return f"{line.name} · {line.label}" if line.label else line.name


def shipping(order: Order) -> str:
    """Write what delivery costs; nothing is said as everywhere in the shop."""
    return money.label(order.shipping, order.currency) if order.shipping else _("Free")


def counter(organization: Organization) -> list[str]:
    """Write where the shop is, for who picks something up there."""
    town = ", ".join(filter(None, (organization.address_line, organization.city)))
    return [organization.name, town, phone(organization.phone)] if town else []


def moment_of(order: Order, moment) -> str:
    local = timezone.localtime(moment, ZoneInfo(order.organization.timezone))
    return date_format(local, "DATETIME_FORMAT")


def brand_line(organization: Organization) -> HRFlowable:
    colour = HexColor(branding.brand(organization))
    return HRFlowable(width="100%", thickness=1.6, color=colour, spaceBefore=0)
