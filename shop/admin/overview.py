"""The first page: what needs a look today."""

from collections.abc import Callable

from django.urls import reverse
from django.utils.translation import gettext as _

from ..models import Customer, Product
from .base import count_to

# Beyond this a figure says "more than", and costs no more.
_MOST = 999


# What apps above put on the page; each is asked with the request and gives figures as below.
_sources: list[Callable] = []


def add(source: Callable) -> None:
    """Put the figures of an app above on the page, before the shop's own."""
    _sources.append(source)


def figures(request) -> list[dict]:
    """Give what this person may see: {"label", "number", "url"}, and "is_money" for a long one."""
    above = [figure for source in _sources for figure in source(request)]
    return above + _own_figures(request)


def _own_figures(request) -> list[dict]:
    counted = []
    if request.user.has_perm("shop.view_product"):
        active = Product.objects.filter(is_active=True, listing_price__isnull=False)
        products = "admin:shop_product_changelist"
        counted += [
            (_("Products in the shop"), active, products, "is_active__exact=1"),
            (
                _("Low stock"),
                active.filter(is_low=True, is_available=True),
                products,
                "is_active__exact=1&stock=low",
            ),
            (
                _("Sold out"),
                active.filter(is_available=False),
                products,
                "is_active__exact=1&stock=none",
            ),
        ]
    if request.user.has_perm("shop.view_customer"):
        counted.append(
            (_("Customers"), Customer.objects.all(), "admin:shop_customer_changelist", "")
        )
    return [
        {"label": label, "number": _number(queryset), "url": f"{reverse(address)}?{query}"}
        for label, queryset, address, query in counted
    ]


def _number(queryset) -> str:
    number = count_to(queryset, _MOST)
    return f"{_MOST}+" if number > _MOST else str(number)
