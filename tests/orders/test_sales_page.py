from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.admin.options import IncorrectLookupParameters
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from config.lib import memory
from orders import sales, sales_report
from orders.admin import days, sales_chart
from orders.models import Order
from shop.roles import Role
from tests import make
from tests.shop.admin.back_office import client_of

PAGE = "/admin/orders/dailysales/"


@pytest.fixture(autouse=True)
def _english(organization):
    organization.language = "en"
    organization.save(update_fields=["language"])
    with translation.override("en"), timezone.override(organization.timezone):
        yield


def count() -> None:
    sales.refresh(make.here(), now=timezone.now())


def get(client: Client, **query) -> str:
    response = client.get(PAGE, query)
    assert response.status_code == 200
    return unescape(response.content.decode())


def figures(client: Client, **query) -> dict:
    """Give the sums of the page by their label: the number, before, and the change."""
    context = client.get(PAGE, query).context
    return {
        row["label"]: (row["number"], row["before"], row["change"]) for row in context["figures"]
    }


def test_the_page_sums_paid_orders_and_compares_them_with_the_days_before(organization):
    now = timezone.now()
    for age, money in ((0, 300_00), (3, 100_00), (9, 200_00), (40, 999_00)):
        make.order(paid=money, placed_at=now - timedelta(days=age))
    make.order(placed_at=now)
    count()

    week = figures(client_of("owner"), days=7)

    assert week == {
        "Sales": ("$\u00a0400", "$\u00a0200", 100),
        "Paid orders": ("2", "1", 100),
        "Average order": ("$\u00a0200", "$\u00a0200", 0),
        "Orders placed": ("3", "1", 200),
        "Refunds": ("$\u00a00", "", None),
    }


@pytest.mark.parametrize(
    ("asked", "shown"), [("7", 7), ("30", 30), ("90", 90), ("8", 30), ("x", 30)]
)
def test_only_the_offered_periods_are_shown(organization, asked, shown):
    context = client_of("owner").get(PAGE, {"days": asked}).context

    assert context["report"].length == shown
    assert len(context["chart"].bars) == shown


def test_every_bar_and_row_leads_to_the_orders_behind_it(organization):
    variant = make.variant()
    make.order(lines=[variant], paid=True, account=make.payment_account("wompi"))
    make.order(lines=[variant], paid=True)
    count()

    context = client_of("owner").get(PAGE, {"days": 7}).context

    today = timezone.localdate()
    span = f"{today - timedelta(days=6)}..{today}"
    addresses = [
        context["chart"].bars[-1].url,
        context["days"][0]["placed_url"],
        *(row["url"] for row in context["methods"]),
        *(row["url"] for row in context["products"]),
    ]
    assert [query_of(address) for address in addresses] == [
        {"paid_on": str(today)},
        {"placed_on": str(today)},
        {"paid_on": span, "method": days.NO_METHOD},
        {"paid_on": span, "method": "wompi"},
        {"paid_on": span, "product": str(variant.pk)},
    ]
    assert {urlsplit(address).path for address in addresses} == {"/admin/orders/order/"}


def query_of(address: str) -> dict[str, str]:
    found = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert found.pop("test") == "yes"
    return found


def filtered(filter_class, value: str) -> set[Order]:
    """Give the orders that a filter of the list leaves."""
    chosen = filter_class(None, {filter_class.parameter_name: [value]}, Order, None)
    return set(chosen.queryset(None, Order.objects.all()))


def test_the_filters_read_the_addresses_of_the_bars(organization):
    now = timezone.now()
    variant = make.variant()
    wompi = make.order(
        lines=[variant], paid=True, account=make.payment_account("wompi"), placed_at=now
    )
    older = make.order(paid=True, placed_at=now - timedelta(days=5))
    unpaid = make.order(placed_at=now)
    today = timezone.localdate()

    assert filtered(days.PaidFilter, days.written(today, today)) == {wompi}
    week = days.written(today - timedelta(days=6), today)
    assert filtered(days.PaidFilter, week) == {wompi, older}
    assert filtered(days.PlacedFilter, days.written(today, today)) == {wompi, unpaid}
    assert filtered(days.MethodFilter, "wompi") == {wompi}
    assert filtered(days.MethodFilter, days.NO_METHOD) == {older, unpaid}
    assert filtered(days.ProductFilter, str(variant.pk)) == {wompi}


@pytest.mark.parametrize(
    "value", ["x", "2026-13-01", "2026-01-01..", "..", "9999-12-31", "0001-01-01"]
)
def test_days_that_make_no_sense_are_refused_or_read(organization, value):
    try:
        orders = filtered(days.PaidFilter, value)
    except IncorrectLookupParameters:
        return
    assert orders == set()


def test_a_shop_in_test_mode_sees_its_practice_figures_and_says_so(organization):
    make.order(paid=300_00, is_test=True)
    make.order(paid=500_00, is_test=False)
    count()
    owner = client_of("owner")

    page, week = get(owner), figures(owner)
    organization.is_live = True
    live = sales_report.report(organization, days=7, today=timezone.localdate())

    assert "Practice figures" in page
    assert week["Sales"][0] == "$\u00a0300"
    assert live.totals.sales == 500_00


@pytest.mark.parametrize("role", Role)
def test_only_who_leads_the_shop_sees_its_money(organization, role):
    make.order(paid=123_456_00)
    count()
    client = client_of(role)

    page, first = client.get(PAGE), client.get("/admin/").content.decode()

    sees = role in (Role.OWNER, Role.ADMIN, Role.MANAGER)
    assert page.status_code == (200 if sees else 403)
    assert ("123.456" in page.content.decode()) == sees
    assert ("123.456" in first) == sees
    assert (PAGE in first) == sees


def test_before_the_first_count_the_page_says_that_it_is_on_its_way(organization):
    owner = client_of("owner")

    before = get(owner)
    count()
    after = get(owner)

    assert "The first count is on its way" in before
    assert "No order was paid in these days" in after


def test_the_page_asks_the_same_number_of_questions_whatever_it_shows(
    organization,
):
    owner = client_of("owner")
    make.order(paid=True)
    count()
    get(owner)
    one = queries(owner)
    for age in range(30):
        account = make.payment_account(("wompi", "cash", "transfer")[age % 3])
        make.order(paid=True, account=account, placed_at=timezone.now() - timedelta(days=age))
    count()

    assert queries(owner) == one <= 10


def queries(client: Client) -> int:
    """Count what the longest page asks when this process remembers nothing."""
    memory.clear_all()
    with CaptureQueriesContext(connection) as captured:
        get(client, days=90)
    return len(captured)


def test_the_names_of_products_cannot_break_the_page(organization):
    product = make.product("<script>alert(1)</script>", variants=0)
    make.order(lines=[make.variant(product)], paid=True)
    count()

    page = client_of("owner").get(PAGE).content.decode()

    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page


def test_the_lists_behind_the_bars_hold_what_was_counted(organization):
    variant = make.variant()
    account = make.payment_account("wompi")
    make.order(lines=[variant], paid=True, account=account)
    make.order(placed_at=timezone.now(), account=account)
    count()
    owner = client_of("owner")

    context = owner.get(PAGE, {"days": 7}).context

    rows = [*context["methods"], *context["products"], {"url": context["chart"].bars[-1].url}]
    found = [owner.get(row["url"]).context["cl"].result_count for row in rows]
    assert found == [1] * len(rows) != []


@pytest.mark.parametrize(
    ("amount", "top"),
    [(0, 1_000), (999, 1_000), (2_015_000, 2_400_000), (1_900, 2_000), (9_999, 10_000)],
)
def test_the_highest_line_is_a_round_number_not_far_above(amount, top):
    assert sales_chart.ceiling(amount) == top
