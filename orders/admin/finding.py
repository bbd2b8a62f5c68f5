"""Finding one order of a million: what was typed says where to look, one index each."""

import re

from django.db.models import Q

from config.lib.text import without_accents

from ..models import Order, OrderShipment

# More digits than this are a phone or a document, fewer are an order's number.
_LONGEST_NUMBER = 9
_MOST_PARCELS = 50
_LONGEST = 120


def find(orders, typed: str):
    """Give the orders of the queryset that are meant by what was typed."""
    typed = " ".join(typed.split())[:_LONGEST]
    if not typed:
        return orders
    if typed.startswith("#"):
        number = typed[1:].strip()
        return orders.filter(number=int(number)) if is_number(number) else orders.none()
    if is_number(typed) and Order.objects.filter(number=int(typed)).exists():
        return orders.filter(number=int(typed))
    parcels = OrderShipment.objects.filter(tracking_number__in={typed, typed.upper()})
    found = list(parcels.values_list("order_id", flat=True)[:_MOST_PARCELS])
    if found:
        return orders.filter(pk__in=found)
    return orders.filter(_worded(typed))


def is_number(typed: str) -> bool:
    return typed.isascii() and typed.isdecimal() and len(typed) <= _LONGEST_NUMBER


def _worded(typed: str) -> Q:
    """Give what has to stand in an order's search text: every word, or the digits of a number."""
    digits = re.sub(r"[\s().+-]", "", typed)
    if digits.isdecimal() and digits.isascii():
        # A phone or a document, however it is grouped; a NIT is kept with its dash.
        return Q(search__contains=digits) | Q(search__contains=typed.lower())
    wanted = Q()
    for word in without_accents(typed).split():
        wanted &= Q(search__contains=word)
    return wanted
