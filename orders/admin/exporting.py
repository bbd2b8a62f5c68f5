"""The list of orders as a file, with the filters in force and without what one may not see."""

from itertools import chain

from django.http import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import PhoneNumber

from config.lib import spreadsheets
from shop.models import Organization

from ..models import Order
from . import sight

# A workbook is made in memory; lines are sent as they come.
MOST_IN_WORKBOOK = 10_000
MOST = 100_000
_CHUNK = 1_000

_COLUMNS = [
    "number",
    "placed_at",
    "status",
    "name",
    "email",
    "phone",
    "document_type",
    "document_number",
    "delivery",
    "delivery_label",
    "source",
    "is_test",
    "shipped_at",
    "delivered_at",
]
_MONEY_COLUMNS = [
    "payment",
    "payment_method",
    "voucher_code",
    "subtotal",
    "discount",
    "shipping",
    "cash_fee",
    "tax",
    "total",
    "paid",
    "refunded",
    "currency",
    "paid_at",
]
_AMOUNTS = {"subtotal", "discount", "shipping", "cash_fee", "tax", "total", "paid", "refunded"}
_MOMENTS = {"placed_at", "shipped_at", "delivered_at", "paid_at"}


def response(
    orders, *, kind: str, organization: Organization, with_money: bool
) -> HttpResponseBase:
    """Give the orders as a file: lines for "csv", a workbook for "xlsx"."""
    columns = _COLUMNS + (_MONEY_COLUMNS if with_money else [])
    headers = _headers(columns)
    # Rows never hold more than their reader may see.
    orders = orders.only("pk", "organization", *columns).order_by("-number")
    name = f"pedidos-{timezone.localdate():%Y-%m-%d}"
    if kind == "xlsx":
        rows = (_row(order, columns) for order in orders[:MOST_IN_WORKBOOK])
        content = spreadsheets.xlsx(_("Orders"), headers, rows)
    else:
        kind = "csv"
        found = orders[:MOST].iterator(chunk_size=_CHUNK)
        rows = (_row(order, columns) for order in found)
        content = spreadsheets.csv_later(chain([headers], rows), organization=organization)
    return spreadsheets.attachment(content, name=name, kind=kind)


def _headers(columns: list[str]) -> list[str]:
    headers = [_(str(Order._meta.get_field(name).verbose_name)) for name in columns]
    place = columns.index("delivery")
    headers[place] = _("goes to")
    return [header[:1].upper() + header[1:] for header in headers]


def _row(order: Order, columns: list[str]) -> list[object]:
    return [_value(order, name) for name in columns]


def _value(order: Order, name: str) -> object:
    value = getattr(order, name)
    if name in _AMOUNTS:
        whole, rest = divmod(value, 100)
        return value / 100 if rest else whole
    if name in _MOMENTS:
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M") if value else ""
    if name == "phone":
        return readable_phone(value)
    if name == "delivery":
        parts = ("line", "complement", "neighbourhood", "municipality", "department")
        return ", ".join(filter(None, (value.get(part) for part in parts)))
    if name == "status":
        return sight.status_words(order, with_money="payment" in order.__dict__)
    if name == "payment":
        return order.get_payment_display()
    if name == "source":
        return order.get_source_display()
    if name == "is_test":
        return _("Yes") if value else _("No")
    return value


def readable_phone(phone: PhoneNumber | str) -> str:
    """Write a phone as it is dialled, with spaces: neither a formula nor a number to be rounded."""
    if not phone:
        return ""
    known = PhoneNumber.from_string(str(phone), region="CO")
    if not known.is_valid():
        return str(phone).replace("+", "00", 1)
    if known.country_code == 57:
        return known.as_national
    return known.as_international.replace("+", "00 ", 1)
