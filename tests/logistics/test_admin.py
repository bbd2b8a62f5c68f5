"""The back-office of delivery, as a person types into it."""

import pytest
from django.contrib.messages import get_messages
from django.utils import translation
from django_scopes import scope

from config.lib import memory
from logistics.models import Rate, RateTable
from shop.models import AuditEntry
from tests import make
from tests.shop.admin.back_office import client_of, errors_of, send

LIST = "/admin/logistics/ratetable/"
TRY = f"{LIST}probar/"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def owner(organization):
    organization.language = "en"
    organization.save(update_fields=["language"])
    return client_of("owner")


def new_table(owner, **fields):
    """Fill in the form of a new table with one rate, and send it."""
    values = {"name": "Envío nacional", "rates__0__price": "15.900"}
    return send(owner, f"{LIST}add/", **{**values, **fields})


def change(table) -> str:
    return f"{LIST}{table.pk}/change/"


def test_a_table_is_written_with_its_rates_in_pesos(owner):
    response = new_table(
        owner,
        allows_cash_on_delivery="on",
        rates__TOTAL_FORMS="3",
        rates__0__free_from="150.000",
        rates__0__days_min="2",
        rates__0__days_max="4",
        rates__1__place="antioquia",
        rates__1__is_covered="on",
        rates__1__price="$ 12.900",
        rates__1__heaviest_grams="5000",
        rates__1__lowest_order_value="",
        rates__1__cash_on_delivery_fee="3.000",
        rates__1__allows_cash_on_delivery="on",
        rates__1__days_min="1",
        rates__1__days_max="2",
        rates__2__place="Leticia",
        rates__2__price="",
        rates__2__days_min="1",
        rates__2__days_max="1",
    )

    assert response.status_code == 302, errors_of(response)
    everywhere, antioquia, leticia = Rate.objects.order_by("id")
    assert (everywhere.department, everywhere.municipality) == (None, None)
    assert (everywhere.price, everywhere.free_from) == (1_590_000, 15_000_000)
    assert (everywhere.days_min, everywhere.days_max) == (2, 4)
    assert (antioquia.department_id, antioquia.price) == ("05", 1_290_000)
    assert (antioquia.heaviest_grams, antioquia.cash_on_delivery_fee) == (5_000, 300_000)
    assert (leticia.municipality_id, leticia.is_covered) == ("91001", False)
    assert RateTable.objects.get().allows_cash_on_delivery


def test_a_table_sent_back_unchanged_stays_as_it_is(owner):
    table = make.rate_table()
    make.rate(table, municipality_id="05129", price=1_200_000)
    make.rate(table, department_id="17", free_from=15_000_000)
    before = list(Rate.objects.order_by("id").values())

    response = send(owner, change(table))

    assert response.status_code == 302, errors_of(response)
    assert list(Rate.objects.order_by("id").values()) == before
    assert not AuditEntry.objects.filter(model="rate").exists()


@pytest.mark.parametrize(
    ("fields", "beside"),
    [
        ({"name": ""}, "name"),
        ({"rates__0__place": "Macondo"}, "rates-0-place"),
        ({"rates__0__place": "La Unión"}, "rates-0-place"),
        ({"rates__0__place": "Cali\x00"}, "rates-0-place"),
        ({"rates__0__price": "24.90"}, "rates-0-price"),
        ({"rates__0__price": "-1"}, "rates-0-price"),
        ({"rates__0__price": "", "rates__0__place": "Cali"}, "rates-0-price"),
        ({"rates__0__free_from": "mucho"}, "rates-0-free_from"),
        ({"rates__0__days_min": "5", "rates__0__days_max": "4"}, "rates-0-days_max"),
        ({"rates__0__days_max": "4000"}, "rates-0-days_max"),
        ({"rates__0__heaviest_grams": "-1"}, "rates-0-heaviest_grams"),
        ({"rates__0__heaviest_grams": "9" * 12}, "rates-0-heaviest_grams"),
        (
            {"rates__0__is_covered": None, "rates__0__heaviest_grams": "5"},
            "rates-0-__all__",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(owner, fields, beside):
    response = new_table(owner, **fields)

    assert list(errors_of(response)) == [beside]
    assert not RateTable.objects.exists()


def test_a_price_that_was_left_empty_is_not_free_delivery(owner):
    table = make.rate_table()
    make.rate(table)

    response = send(owner, change(table), rates__0__price="")

    assert errors_of(response) == {"rates-0-price": ["Write the price; 0 when it costs nothing."]}
    assert Rate.objects.get().price == 1_590_000


def test_a_pick_up_of_a_shop_without_opening_hours_asks_for_them(owner, organization):
    def told(name):
        answer = new_table(owner, name=name, kind="pickup")
        return [str(message) for message in get_messages(answer.wsgi_request)]

    assert any("opening hours" in words for words in told("Tienda"))
    organization.opening_hours = "Mo 08:00-12:00"
    organization.save(update_fields=["opening_hours"])
    memory.clear_all()
    assert not any("opening hours" in words for words in told("Bodega"))


def test_the_same_case_is_said_once(owner):
    response = new_table(
        owner,
        rates__TOTAL_FORMS="2",
        rates__0__place="Cali",
        rates__1__place="Santiago de Cali, Valle del Cauca",
        rates__1__is_covered="on",
        rates__1__price="9.900",
        rates__1__days_min="1",
        rates__1__days_max="2",
    )

    assert list(errors_of(response)) == ["rates-1-place"]


def test_a_name_of_two_places_asks_which_one(owner):
    response = new_table(owner, rates__0__place="San Andrés")

    (message,) = errors_of(response)["rates-0-place"]
    assert "Archipiélago de San Andrés" in message
    assert "San Andrés, Santander" in message


def test_every_change_of_a_price_is_written_down(owner):
    table = make.rate_table()
    rate = make.rate(table)

    send(owner, change(table), rates__0__price="17.900")

    entry = AuditEntry.objects.get(model="rate")
    assert (entry.row_id, entry.actor) == (str(rate.pk), owner.user)
    assert entry.changes == {"price": [1_590_000, 1_790_000]}


def test_the_list_costs_the_same_queries_whatever_it_holds(owner, django_assert_max_num_queries):
    make.rate(make.rate_table())
    owner.get(LIST)
    with django_assert_max_num_queries(12) as one:
        owner.get(LIST)
    for _number in range(3):
        table = make.rate_table()
        make.rate(table)
        make.rate(table, department_id="05", price=900_000)
    with django_assert_max_num_queries(len(one)):
        page = owner.get(LIST).content.decode()

    assert "from $\u00a09.000" in page


def test_the_form_costs_the_same_queries_whatever_its_rates(owner, django_assert_max_num_queries):
    table = make.rate_table()
    make.rate(table)
    owner.get(change(table))
    with django_assert_max_num_queries(15) as one:
        owner.get(change(table))
    for department in ("05", "08", "91"):
        make.rate(table, department_id=department)
    make.rate(table, municipality_id="76001")
    with django_assert_max_num_queries(len(one)):
        owner.get(change(table))


def test_a_buyers_price_is_tried(owner):
    table = make.rate_table("Mensajero", allows_cash_on_delivery=True)
    make.rate(
        table,
        municipality_id="11001",
        price=890_000,
        allows_cash_on_delivery=True,
        cash_on_delivery_fee=300_000,
    )

    page = owner.get(TRY, {"place": "bogota", "value": "80.000", "grams": "500"}).content.decode()

    assert "Mensajero" in page
    assert "$\u00a08.900" in page
    assert "+ $\u00a03.000" in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"place": "Leticia", "value": "1.000", "grams": "1"}, "Nothing of yours goes there"),
        ({"place": "Antioquia", "value": "1.000", "grams": "1"}, "Name a municipality"),
        ({"place": "Macondo", "value": "1.000", "grams": "1"}, "has this name"),
        ({"place": "Cali", "value": "x", "grams": "1"}, "Write the price like"),
        ({"place": "Cali", "value": "1.000", "grams": "-1"}, "greater than or equal to 0"),
        ({"place": "Cali\x00", "value": "1.000", "grams": "1"}, "invisible characters"),
        ({}, "What would a buyer pay?"),
    ],
)
def test_trying_says_what_is_missing(owner, query, said):
    make.rate(make.rate_table(), municipality_id="11001")

    response = owner.get(TRY, query)

    assert response.status_code == 200
    assert said in response.content.decode()


@pytest.mark.parametrize(
    ("role", "status"),
    [("manager", 302), ("warehouse", 403), ("support", 403), ("viewer", 403), ("expert", 403)],
)
def test_prices_are_changed_by_whom_the_table_of_roles_names(owner, role, status):
    table = make.rate_table()
    make.rate(table)
    data = {
        "name": "Otro",
        "kind": "delivery",
        "position": "0",
        "rates-TOTAL_FORMS": "0",
        "rates-INITIAL_FORMS": "0",
    }

    response = client_of(role).post(change(table), data)

    assert response.status_code == status
    table.refresh_from_db()
    assert (table.name == "Otro") == (status == 302)


def test_a_table_of_another_shop_does_not_exist(owner):
    other = make.organization()
    with scope(organization=other):
        table = make.rate_table("Ajeno")
        make.rate(table)

    assert owner.get(change(table)).status_code == 404
    assert "Ajeno" not in owner.get(LIST).content.decode()
    offered = owner.get(TRY, {"place": "Cali", "value": "1.000", "grams": "1"})
    assert "Ajeno" not in offered.content.decode()
