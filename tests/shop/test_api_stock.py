import pytest

from shop.models import AuditEntry, Product, StockLevel, StockMovement, Variant
from tests import make
from tests.shop import api


def test_a_movement_changes_stock_and_availability_with_its_reason_and_person(organization):
    product = make.product(in_stock=0)
    variant = product.variants.get()
    client = api.client("warehouse")
    body = {"quantity": 7, "reason": "received", "reference": "Factura 12"}

    answer = client.post(f"/api/stock/{variant.pk}/movements/", body)

    assert answer.status_code == 201, answer.content
    level = client.get(f"/api/stock/{variant.pk}/").json()
    assert (level["on_hand"], level["available"], level["sku"]) == (7, 7, variant.sku)
    assert Product.objects.get(pk=product.pk).is_available is True
    movement = StockMovement.objects.get()
    assert (movement.reference, str(movement.person)) == ("Factura 12", answer.json()["person"])
    listed = client.get(f"/api/stock/{variant.pk}/movements/").json()["results"]
    assert listed == [answer.json()]
    assert AuditEntry.objects.get().model == "stockmovement"


def test_more_than_there_is_cannot_leave(organization):
    variant = make.variant(in_stock=2)

    answer = api.client("owner").post(
        f"/api/stock/{variant.pk}/movements/", {"quantity": -3, "reason": "damaged"}
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "not_enough_stock")
    assert StockLevel.objects.get(variant=variant).on_hand == 2
    assert AuditEntry.objects.count() == 0


@pytest.mark.parametrize("quantity", [0, 1.5, "x", None, 10**9, -(10**9), 10**400, [], True])
def test_a_quantity_that_makes_no_sense_is_named(organization, quantity):
    variant = make.variant(in_stock=2)

    answer = api.client("owner").post(
        f"/api/stock/{variant.pk}/movements/", {"quantity": quantity, "reason": "counted"}
    )

    assert answer.status_code == 400, answer.content
    assert list(answer.json()["fields"]) == ["quantity"]
    assert StockLevel.objects.get(variant=variant).on_hand == 2


def test_a_shelf_that_cannot_hold_more_says_so(organization):
    variant = make.variant(in_stock=2)
    StockLevel.objects.filter(variant=variant).update(on_hand=2_147_483_000)

    answer = api.client("owner").post(
        f"/api/stock/{variant.pk}/movements/", {"quantity": 1_000_000, "reason": "counted"}
    )

    assert answer.status_code == 400


def test_the_low_mark_is_the_only_thing_written_directly(organization):
    variant = make.variant(in_stock=4)
    client = api.client("warehouse")
    address = f"/api/stock/{variant.pk}/"
    tag = client.get(address)["ETag"]

    changed = client.patch(address, {"low_at": 2}, headers={"If-Match": tag})
    refused = client.patch(address, {"on_hand": 99})
    late = client.patch(address, {"low_at": 9}, headers={"If-Match": tag})

    assert (changed.json()["low_at"], changed.json()["is_low"]) == (2, False)
    assert refused.json()["fields"]["on_hand"]["code"] == "read_only"
    assert late.status_code == 412
    assert StockLevel.objects.get(variant=variant).on_hand == 4
    assert AuditEntry.objects.get().changes == {"low_at": [5, 2]}


def test_stock_that_runs_low_is_found(organization):
    low, plenty = make.variant(in_stock=5), make.variant(in_stock=50)
    never = make.variant(in_stock=0)
    client = api.client("viewer")

    found = client.get("/api/stock/", {"low": "true"}).json()["results"]
    others = client.get("/api/stock/", {"low": "false"}).json()["results"]

    assert {row["variant"] for row in found} == {str(low.pk), str(never.pk)}
    assert [row["variant"] for row in others] == [str(plenty.pk)]


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_cost_the_same_queries_whatever_their_rows(
    organization, django_assert_num_queries, rows
):
    for _row in range(rows):
        make.product(variants=2)
    variant = Variant.objects.first()
    client = api.client("warehouse")
    for address in ("/api/stock/", "/api/variants/", f"/api/stock/{variant.pk}/movements/"):
        client.get(address)
        # Session, person, membership (for the middleware and for the API), rows; of movements the
        # variant, of variants what lies in kits.
        more = 0 if address == "/api/stock/" else 1
        with django_assert_num_queries(4 + more):
            client.get(address)


def test_a_variant_gets_a_free_sku_and_shows_in_its_product(organization):
    product = make.product("Jabón de avena", variants=0)
    client = api.client("manager")
    body = {"product": str(product.pk), "price": 1_200_000, "option1": "100 g"}

    first = client.post("/api/variants/", body)
    second = client.post("/api/variants/", {**body, "option1": "100 g grande"})

    assert first.status_code == 201, first.content
    assert first.json()["sku"] != second.json()["sku"]
    product.refresh_from_db()
    assert product.listing_price == 1_200_000


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"price": -1}, "price", "min_value"),
        ({"price": 10_000_000_001}, "price", "max_value"),
        ({"price": 10**30}, "price", "max_value"),
        ({"compare_at_price": 10**30}, "compare_at_price", "max_value"),
        ({"weight_grams": 10**12}, "weight_grams", "max_value"),
        ({"sku": "TAKEN"}, "sku", "taken"),
        ({"option1": "Taken"}, "option1", "taken"),
        ({"tax_category": "iva16"}, "tax_category", "invalid_choice"),
        ({"picture": "00000000-0000-0000-0000-000000000000"}, "picture", "does_not_exist"),
        ({"product": "x"}, "product", "invalid"),
    ],
)
def test_a_bad_field_of_a_variant_is_named(organization, body, field, code):
    product = make.product(variants=0)
    make.variant(product, sku="TAKEN", option1="Taken")
    variant = make.variant(product, option1="Free")

    answer = api.client("owner").patch(f"/api/variants/{variant.pk}/", body)

    assert answer.status_code == 400, answer.content
    assert answer.json()["fields"][field]["code"] == code


def test_a_variant_stays_with_its_product_and_takes_only_its_pictures(organization):
    from shop import pictures

    variant, other = make.variant(), make.product()
    foreign = pictures.add(other, make.picture_file(50, 50))
    client = api.client("owner")
    address = f"/api/variants/{variant.pk}/"

    moved = client.patch(address, {"product": str(other.pk)})
    pictured = client.patch(address, {"picture": str(foreign.pk)})

    assert moved.json()["fields"]["product"]["code"] == "fixed"
    assert pictured.json()["fields"]["picture"]["code"] == "foreign"


def test_a_sold_variant_is_retired_and_not_deleted(organization):
    sold, unsold = make.variant(in_stock=3), make.variant(in_stock=0)
    client = api.client("owner")

    refused = client.delete(f"/api/variants/{sold.pk}/")
    retired = client.patch(f"/api/variants/{sold.pk}/", {"is_active": False})
    removed = client.delete(f"/api/variants/{unsold.pk}/")

    assert (refused.status_code, refused.json()["code"]) == (409, "still_used")
    assert retired.json()["is_active"] is False
    assert removed.status_code == 204
    assert list(Variant.objects.values_list("pk", flat=True)) == [sold.pk]
    assert api.client().get(f"/api/variants/{sold.pk}/").status_code == 404


def test_an_old_price_that_was_not_higher_is_not_shown_to_shoppers(organization):
    variant = make.variant(price=2_000, compare_at_price=1_000)

    shown = api.client().get(f"/api/variants/{variant.pk}/").json()
    for_staff = api.client("viewer").get(f"/api/variants/{variant.pk}/").json()

    assert (shown["compare_at_price"], for_staff["compare_at_price"]) == (None, 1_000)
