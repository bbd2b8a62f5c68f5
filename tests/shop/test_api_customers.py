import pytest
from django_scopes import scope

from shop import customers
from shop.models import AuditEntry, Customer, CustomerIdentity
from tests import make
from tests.shop import api


def test_staff_writes_customers_and_their_addresses_follow(organization):
    client = api.client("support")
    body = {"name": "Ana", "email": "ana@example.com", "phone": "300 123 4567", "tags": ["vip"]}

    made = client.post("/api/customers/", body)

    assert made.status_code == 201, made.content
    customer = Customer.objects.get()
    assert made.json()["reference"] == customer.reference
    assert made.json()["phone"] == "+573001234567"
    identities = CustomerIdentity.objects.values_list("value", flat=True)
    assert set(identities) == {"ana@example.com", "+573001234567"}

    changed = client.patch(f"/api/customers/{customer.pk}/", {"email": "ana.maria@example.com"})

    assert changed.status_code == 200
    # The address that was a slip must not lead a stranger to this customer.
    assert set(identities.all()) == {"ana.maria@example.com", "+573001234567"}
    entry = AuditEntry.objects.filter(action="changed").get()
    assert entry.changes == {"email": ["ana@example.com", "ana.maria@example.com"]}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"phone": "12"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"tags": "vip"}, "tags"),
        ({"tags": [{"a": 1}]}, "tags.0"),
        ({"tags": ["x"] * 51}, "tags"),
        ({"status": "gone"}, "status"),
        ({"document_type": "XX"}, "document_type"),
        ({"notes": "a\u0007b"}, "notes"),
        ({"order_count": 5}, "order_count"),
        ({"user": "x"}, "user"),
    ],
)
def test_a_bad_field_of_a_customer_is_named(organization, body, field):
    customer = make.customer()

    answer = api.client("owner").patch(f"/api/customers/{customer.pk}/", body)

    assert answer.status_code == 400, answer.content
    assert list(answer.json()["fields"]) == [field]


def test_a_shopper_reads_and_changes_only_their_own_row(organization):
    stranger = make.customer(name="Otra")
    person = make.user(name="Luis")
    client = api.client()
    client.force_login(person)

    own = client.get("/api/customers/me/").json()
    changed = client.patch("/api/customers/me/", {"name": "Luis F.", "phone": "3001234567"})
    refused = client.patch("/api/customers/me/", {"notes": "VIP", "status": "active"})

    assert own["email"] == person.email
    assert not {"notes", "tags", "status", "source"} & own.keys()
    assert changed.status_code == 200, changed.content
    assert Customer.objects.get(user=person).name == "Luis F."
    assert set(refused.json()["fields"]) == {"notes", "status"}
    assert client.get(f"/api/customers/{stranger.pk}/").status_code == 404
    assert client.get(f"/api/customers/{own['id']}/").status_code == 404
    assert api.client().get("/api/customers/me/").status_code == 401


def test_a_person_with_two_shops_has_a_row_of_their_own_in_each(organization):
    other = make.organization()
    person = make.user()
    with scope(organization=other):
        customers.of_user(other, person)
        Customer.objects.update(name="En la otra")
    client = api.client()
    client.force_login(person)

    assert client.get("/api/customers/me/").json()["name"] != "En la otra"


def test_customers_are_found_by_what_staff_knows_of_them(organization):
    ana = make.customer(name="Ana Gómez", email="ana@example.com", tags=["vip"])
    make.customer(name="Luis", email="luis@example.com")
    client = api.client("viewer")

    for query in ({"q": "gómez"}, {"email": "ANA@example.com"}, {"tag": "vip"}):
        found = client.get("/api/customers/", query).json()["results"]
        assert [row["id"] for row in found] == [str(ana.pk)], query


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_queries_whatever_its_rows(
    organization, django_assert_num_queries, rows
):
    for _row in range(rows):
        make.customer()
    client = api.client("support")
    client.get("/api/customers/")

    with django_assert_num_queries(4):
        client.get("/api/customers/")
