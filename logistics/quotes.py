"""What delivery costs and how long it takes: the choices a buyer has at one place."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Case, F, Min, When
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_scopes import get_scope
from django_scopes.exceptions import ScopeError

from config.lib.errors import DomainError
from config.lib.memory import Memory
from shop.models import Municipality, Organization

from .models import Rate, RateTable

# What a piece weighs when nobody wrote it down: a small bottle in its box.
USUAL_GRAMS = 250

_free_from = Memory(seconds=2)


class NotDelivered(DomainError):
    code = "not_delivered"


@dataclass(frozen=True)
class Basket:
    """What is to be sent, as far as a price depends on it."""

    weight_grams: int
    value: int  # Minor units, after discounts.


@dataclass(frozen=True)
class Quote:
    """One way to receive an order, with its price in minor units and its working days."""

    code: str  # The same as long as the choice exists: what a form posts.
    label: str
    description: str
    carrier: str  # Empty for own couriers.
    cost: int  # 0 only when a rule says so.
    full_cost: int
    days_min: int
    days_max: int
    is_pickup: bool
    allows_cash_on_delivery: bool
    cash_on_delivery_fee: int
    free_from: int | None

    @property
    def days_label(self) -> str:
        return days_in_words(self.days_min, self.days_max)


def days_in_words(least: int, most: int) -> str:
    """Say how long a delivery takes, as "2 to 4 business days"."""
    if most == 0:
        return _("The same day")
    if least == 0:
        words = ngettext("Up to %(days)d business day", "Up to %(days)d business days", most)
        return words % {"days": most}
    if least == most:
        return ngettext("%(days)d business day", "%(days)d business days", most) % {"days": most}
    return _("%(least)d to %(most)d business days") % {"least": least, "most": most}


def weight_of(pairs: Iterable[tuple[int, int]]) -> int:
    """Give the grams of (weight of one, quantity) pairs; one without a weight has the usual."""
    return sum((grams or USUAL_GRAMS) * quantity for grams, quantity in pairs)


def basket_of(pairs: Iterable[tuple[int, int]], *, value: int) -> Basket:
    """Give the basket of (weight of one, quantity) pairs that is worth so much."""
    return Basket(weight_grams=weight_of(pairs), value=value)


def quotes_for(municipality: Municipality, basket: Basket) -> list[Quote]:
    """Give every choice at this place, the cheapest first; none when nothing goes there."""
    parameters = {
        "organization": _here().pk,
        "municipality": municipality.pk,
        "department": municipality.department_id,
        "grams": basket.weight_grams,
        "value": basket.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(_QUOTES, parameters)
        quotes = [Quote(*row) for row in cursor.fetchall()]
    # Sorting keeps the merchant's order among equals.
    return sorted(quotes, key=lambda quote: (quote.cost, quote.is_pickup))


def quote_of(code: str, municipality: Municipality, basket: Basket) -> Quote:
    """Give the choice that a buyer made, at its price of this moment."""
    quotes = quotes_for(municipality, basket)
    if not quotes:
        raise NotDelivered(
            _("We do not deliver this order to %(place)s.") % {"place": municipality.name}
        )
    for quote in quotes:
        if quote.code == code:
            return quote
    raise NotDelivered(_("This way of delivery is no longer offered. Choose another."))


def free_delivery_from(organization: Organization) -> int | None:
    """Give the order value from which delivery is free in the whole country, if it ever is."""
    return _free_from.get(organization.pk, _read_free_from)


def _read_free_from(organization_id: UUID) -> int | None:
    """Read it from the rates that name no place."""
    national = Rate.objects.filter(
        table__organization=organization_id,
        table__is_active=True,
        table__kind=RateTable.Kind.DELIVERY,
        department=None,
        municipality=None,
        is_covered=True,
    )
    free_from = Case(
        When(price=0, then=F("lowest_order_value")),
        When(free_from__isnull=False, then=Greatest("free_from", "lowest_order_value")),
    )
    return national.aggregate(lowest=Min(free_from))["lowest"]


def _here() -> Organization:
    organization = get_scope().get("organization")
    if organization is None:
        # As a scoped manager does: this query is written by hand.
        raise ScopeError("Quotes need the scope of an organization.")
    return organization


# For each table the most particular place it names, and there the step that fits: of those that
# the order's value reaches the highest, of those that carry its weight the lightest. The columns
# are the fields of a Quote.
_QUOTES = """
SELECT
    'rate-' || replace(rate_table.id::text, '-', ''),
    rate_table.name,
    rate_table.description,
    rate_table.carrier,
    CASE WHEN rate.free_from <= %(value)s::bigint THEN 0 ELSE rate.price END,
    rate.price,
    rate.days_min,
    rate.days_max,
    rate_table.kind = 'pickup',
    rate_table.allows_cash_on_delivery AND rate.allows_cash_on_delivery,
    CASE
        WHEN rate_table.allows_cash_on_delivery AND rate.allows_cash_on_delivery
        THEN rate.cash_on_delivery_fee ELSE 0
    END,
    rate.free_from
FROM logistics_ratetable AS rate_table
CROSS JOIN LATERAL (
    SELECT
        step.*,
        step.is_covered
        AND step.lowest_order_value <= %(value)s::bigint
        AND (step.heaviest_grams IS NULL OR step.heaviest_grams >= %(grams)s::bigint) AS fits
    FROM logistics_rate AS step
    WHERE step.table_id = rate_table.id
    AND (
        step.municipality_id = %(municipality)s::varchar
        OR step.municipality_id IS NULL AND step.department_id = %(department)s::varchar
        OR step.municipality_id IS NULL AND step.department_id IS NULL
    )
    ORDER BY
        step.municipality_id IS NULL, step.department_id IS NULL,
        fits DESC, step.lowest_order_value DESC, step.heaviest_grams NULLS LAST
    LIMIT 1
) AS rate
WHERE rate_table.organization_id = %(organization)s::uuid AND rate_table.is_active AND rate.fits
ORDER BY rate_table.position, rate_table.name, rate_table.id
"""
