"""Counting the shelves in the back-office, with a scanner and by typing."""

import pytest
from django.contrib.messages import get_messages
from django_scopes import scope

from config.lib import memory
from shop import stock_counts
from shop.models import AuditEntry, StockCount, StockLevel, StockMovement
from tests import make
from tests.shop.admin.back_office import change, client_of, errors_of, send

LIST = "/admin/shop/stockcount/"


@pytest.fixture
def warehouse(organization):
    organization.language = "en"
    organization.save(update_fields=["language"])
    return client_of("warehouse")


def step(client, count, **values):
    return client.post(f"{LIST}{count.pk}/paso/", values)


def told(answer) -> str:
    """Give what the answer says; what earlier ones said waits to be shown as well."""
    return [str(message) for message in get_messages(answer.wsgi_request)][-1]


def typed(line, pieces, *, was="") -> dict:
    return {"do": "write", f"was-{line.pk}": was, f"line-{line.pk}": pieces}


def skus(page) -> list[str]:
    return [line.variant.sku for line in page.context["lines"]]


def test_a_count_is_begun_for_a_category(warehouse):
    oil = make.variant()
    make.variant()

    missing = send(warehouse, f"{LIST}add/", scope="category")
    assert list(errors_of(missing)) == ["category"]
    answer = send(warehouse, f"{LIST}add/", scope="category", category=str(oil.product.category_id))

    count = StockCount.objects.get()
    assert answer.url == change(count)
    assert [line.variant for line in count.lines.all()] == [oil]
    assert count.person == warehouse.user
    assert count.name.startswith("Count of ")
    entry = AuditEntry.objects.get(model="stockcount")
    assert (entry.action, entry.actor) == ("added", warehouse.user)


def test_a_scanner_types_a_sku_and_enter_and_reads_how_many(warehouse):
    oil = make.variant(sku="ACE-1", in_stock=3)
    count = make.stock_count()
    address = f"{LIST}{count.pk}/paso/"

    step(warehouse, count, do="scan", sku="ace-1", pieces="1")
    part = warehouse.post(address, {"do": "scan", "sku": "ACE-1"}, headers={"x-part": "1"})

    assert part.context["line"].counted == 2
    assert "<html" not in part.content.decode()
    assert oil.full_label in part.content.decode()
    page = warehouse.get(change(count))
    assert "1 of 1 products counted" in page.content.decode()
    wrong = warehouse.post(address, {"do": "scan", "sku": "<b>"}, headers={"x-part": "1"})
    assert "data-refused" in wrong.content.decode()
    assert "No product has the SKU &lt;b&gt;." in wrong.content.decode()
    assert told(step(warehouse, count, do="scan", sku="ACE-1", pieces="-1")) == (
        "“-1” is not a number of pieces."
    )
    assert count.lines.get().counted == 2


def test_numbers_are_typed_and_only_differences_are_shown(warehouse):
    oil, soap, candle = (make.variant(sku=sku, in_stock=5) for sku in ("A-1", "B-1", "ZQX-77"))
    count = make.stock_count()
    lines = {line.variant: line for line in count.lines.all()}

    step(warehouse, count, **typed(lines[oil], "5") | typed(lines[soap], "3"))

    assert skus(warehouse.get(change(count))) == ["ZQX-77"]
    page = warehouse.get(change(count), {"show": "differences"})
    assert [(line.variant, line.should_be, line.difference) for line in page.context["lines"]] == [
        (soap, 5, -2)
    ]
    assert page.context["totals"] == stock_counts.Totals(products=1, more=0, less=2)
    assert told(step(warehouse, count, **typed(lines[candle], "muchas"))) == (
        "“muchas” is not a number of pieces."
    )
    message = told(step(warehouse, count, **typed(lines[soap], "5", was="4")))
    assert "Somebody counted B-1 meanwhile: 3" in message
    assert skus(warehouse.get(change(count), {"show": "all", "q": "zqx-77"})) == ["ZQX-77"]
    assert skus(warehouse.get(change(count), {"show": "all", "q": soap.product.name})) == ["B-1"]


def test_one_button_applies_the_differences_once_with_their_person(warehouse):
    oil = make.variant(in_stock=5)
    count = make.stock_count(name="Estante 4")
    step(warehouse, count, **typed(count.lines.get(), "4"))

    assert told(step(warehouse, count, do="apply")) == "1 shelf was corrected."
    assert "closed already" in told(step(warehouse, count, do="apply"))
    assert StockLevel.objects.get(variant=oil).on_hand == 4
    movement = StockMovement.objects.get(reason="counted")
    assert (movement.quantity, movement.person) == (-1, warehouse.user)
    assert movement.reference == "Estante 4"
    assert {entry.model for entry in AuditEntry.objects.filter(actor=warehouse.user)} == {
        "stocklevel",
        "stockcount",
    }
    page = warehouse.get(change(count)).content.decode()
    assert "corrected" in page
    assert "data-scan " not in page


def test_the_rest_is_nothing_and_a_count_is_thrown_away_by_their_buttons(warehouse):
    make.variant(in_stock=5)
    count = make.stock_count()

    step(warehouse, count, do="rest")
    assert count.lines.get().counted == 0
    step(warehouse, count, do="discard")

    count.refresh_from_db()
    assert (count.status, count.closed_by) == ("discarded", warehouse.user)
    assert StockLevel.objects.get().on_hand == 5


@pytest.mark.parametrize("role", ["support", "viewer", "expert"])
def test_who_only_looks_counts_nothing(organization, role):
    variant = make.variant()
    count = make.stock_count()
    client = client_of(role)

    page = client.get(change(count))
    assert page.status_code == 200
    assert '<form class="count-scan"' not in page.content.decode()
    assert client.get(f"{LIST}add/").status_code == 403
    assert step(client, count, do="scan", sku=variant.sku).status_code == 403
    assert count.lines.get().counted is None


def test_the_count_of_another_shop_does_not_exist(warehouse):
    with scope(organization=make.organization()):
        make.variant(sku="AJENA-1")
        count = make.stock_count()

    assert warehouse.get(change(count)).status_code == 404
    assert step(warehouse, count, do="apply").status_code == 404
    own = make.stock_count(scope="scanned")
    assert "No product has" in told(step(warehouse, own, do="scan", sku="AJENA-1"))


def test_a_long_count_comes_in_pages_at_the_same_number_of_queries(
    warehouse, django_assert_max_num_queries
):
    product = make.product(variants=0)
    make.variant(product, sku="V-000", option1="x")
    short = make.stock_count()
    stock_counts.rest_is_nothing(short)
    memory.clear_all()
    with django_assert_max_num_queries(20) as one:
        warehouse.get(change(short), {"show": "differences"})
    memory.clear_all()
    with django_assert_max_num_queries(30) as scanned:
        step(warehouse, short, do="scan", sku="V-000")
    for number in range(1, 61):
        make.variant(product, sku=f"V-{number:03}", option1=str(number))
    long = make.stock_count()
    stock_counts.rest_is_nothing(long)

    memory.clear_all()
    with django_assert_max_num_queries(len(one)):
        page = warehouse.get(change(long), {"show": "differences"})
    memory.clear_all()
    with django_assert_max_num_queries(len(scanned)):
        step(warehouse, long, do="scan", sku="V-000")

    rest = warehouse.get(change(long) + page.context["later"])
    assert skus(page) + skus(rest) == [f"V-{number:03}" for number in range(61)]
    assert rest.context["later"] == ""


@pytest.mark.parametrize(
    "query", [{"show": "x"}, {"q": "\x00"}, {"after": "\x00"}, {"q": "%" * 300}, {"after": "Ñ"}]
)
def test_what_nobody_would_ask_breaks_nothing(warehouse, query):
    make.variant()

    assert warehouse.get(change(make.stock_count()), query).status_code == 200
