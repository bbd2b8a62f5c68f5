"""The words and shapes that printed documents share."""

import re
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import PhoneNumber
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import HRFlowable, Spacer

from config.lib import money
from config.lib.paper import INK, RULE
from shop import branding
from shop import documents as identity
from shop.models import Organization

from ..models import Order, OrderLine

PLAIN = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
]
RULED = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 6),
    ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 4),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ("LINEBELOW", (0, 0), (-1, 0), 0.9, INK),
    ("LINEBELOW", (0, 1), (-1, -1), 0.4, RULE),
]


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


def place(address: dict) -> list[str]:
    """Write an address as an order keeps it (see checkout.address_snapshot), recipient first."""
    street = ", ".join(filter(None, (address.get("line"), address.get("complement"))))
    lines = (
        address.get("recipient"),
        street,
        address.get("neighbourhood"),
        town(address),
        address.get("postal_code"),
        phone(address.get("phone")),
    )
    return [line for line in lines if line]


def town(address: dict) -> str:
    """Write where an address is; a city that is a department of its own, as Bogotá, once."""
    names = (address.get("municipality"), address.get("department"))
    return ", ".join(dict.fromkeys(filter(None, names)))


def shipping(order: Order) -> str:
    """Write what delivery costs; nothing is said as everywhere in the shop."""
    return money.label(order.shipping, order.currency) if order.shipping else _("Free")


def counter(organization: Organization) -> list[str]:
    """Write where the shop is, for who picks something up there."""
    town = ", ".join(filter(None, (organization.address_line, organization.city)))
    return [organization.name, town, phone(organization.phone)] if town else []


def phone(number) -> str:
    """Write a phone as it is dialled inside the country."""
    if not number:
        return ""
    known = PhoneNumber.from_string(str(number), region="CO")
    return known.as_national if known.is_valid() else str(number)


def moment_of(order: Order, moment) -> str:
    local = timezone.localtime(moment, ZoneInfo(order.organization.timezone))
    return date_format(local, "DATETIME_FORMAT")


def gap(height: float) -> Spacer:
    return Spacer(0, height * mm)


def brand_line(organization: Organization) -> HRFlowable:
    colour = HexColor(branding.brand(organization))
    return HRFlowable(width="100%", thickness=1.6, color=colour, spaceBefore=0)
