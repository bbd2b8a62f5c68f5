"""The stored daily numbers of some days, put together for people: see sales.py for what counts."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Sum
from django.utils.functional import cached_property

from shop.models import Organization, Variant

from .models import DailyProductSales, DailySales, SalesState

_MOST_PRODUCTS = 10


@dataclass
class Totals:
    """What was placed, paid and given back, in numbers of orders and in minor units."""

    placed: int = 0
    paid: int = 0
    sales: int = 0
    refunds: int = 0

    def add(self, placed: int, paid: int, sales: int, refunds: int) -> None:
        self.placed += placed
        self.paid += paid
        self.sales += sales
        self.refunds += refunds

    @property
    def average(self) -> int:
        """What a paid order brought, in whole units of the currency."""
        return round(self.sales / self.paid / 100) * 100 if self.paid else 0

    @property
    def net(self) -> int:
        """What the shop keeps of it."""
        return self.sales - self.refunds


@dataclass(frozen=True)
class ProductTotals:
    """How much of a variant was sold."""

    variant: Variant
    orders: int
    quantity: int
    sales: int


@dataclass(frozen=True)
class Report:
    """So many days up to today, beside as many days before them."""

    first: date
    last: date
    is_test: bool
    counted_at: datetime | None
    by_day: dict[date, Totals]
    # The day before the period that stands at the same place, such as 30 days earlier.
    by_day_before: dict[date, Totals]
    by_method: dict[str, Totals]
    products: list[ProductTotals] = field(default_factory=list)

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1

    @cached_property
    def totals(self) -> Totals:
        return _sum(self.by_day)

    @cached_property
    def before(self) -> Totals:
        return _sum(self.by_day_before)


def report(
    organization: Organization, *, days: int, today: date, with_products: bool = True
) -> Report:
    """Read the numbers of so many days; a shop in test mode sees those of its practice orders."""
    is_test = not organization.is_live
    first = today - timedelta(days=days - 1)
    by_day = {first + timedelta(days=number): Totals() for number in range(days)}
    by_day_before = {day: Totals() for day in by_day}
    by_method: dict[str, Totals] = {}
    for day, method, *numbers in _rows(is_test, first - timedelta(days=days), today):
        if day < first:
            by_day_before[day + timedelta(days=days)].add(*numbers)
        else:
            by_day[day].add(*numbers)
            by_method.setdefault(method, Totals()).add(*numbers)
    state = SalesState.objects.filter(organization=organization).first()
    return Report(
        first=first,
        last=today,
        is_test=is_test,
        counted_at=state.counted_at if state else None,
        by_day=by_day,
        by_day_before=by_day_before,
        by_method=dict(sorted(by_method.items(), key=lambda pair: (-pair[1].sales, pair[0]))),
        products=_products(is_test, first, today) if with_products else [],
    )


def _rows(is_test: bool, first: date, last: date):
    return (
        DailySales.objects.filter(is_test=is_test, day__range=(first, last))
        .order_by()
        .values_list("day", "method", "orders_placed", "orders_paid", "sales", "refunds")
    )


def _products(is_test: bool, first: date, last: date) -> list[ProductTotals]:
    rows = (
        DailyProductSales.objects.filter(is_test=is_test, day__range=(first, last))
        .order_by()
        .values_list("variant_id")
        .annotate(in_orders=Sum("orders"), pieces=Sum("quantity"), money=Sum("sales"))
        .order_by("-money", "variant_id")[:_MOST_PRODUCTS]
    )
    rows = list(rows)
    variants = Variant.objects.select_related("product").in_bulk([row[0] for row in rows])
    return [ProductTotals(variants[key], *numbers) for key, *numbers in rows]


def _sum(by_day: dict[date, Totals]) -> Totals:
    whole = Totals()
    for day in by_day.values():
        whole.add(day.placed, day.paid, day.sales, day.refunds)
    return whole
