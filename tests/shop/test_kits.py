"""Kits: what lies in them, whose stock they take, and where people see it."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django_scopes import scope

from shop import catalogue, kit_making, kits, stock
from shop.kit_making import Recipe
from shop.models import AuditEntry, KitPart, StockLevel, StockMovement, Variant
from tests import make
from tests.orders.test_races import at_once, kinds
from tests.shop.admin.back_office import change, client_of, errors_of, send
from tests.shop.imports import tables

OWN, PARTS = Variant.KitStock.OWN, Variant.KitStock.PARTS


def read(variant) -> Variant:
    return kits.with_available(Variant.objects.filter(pk=variant.pk)).get()


@pytest.mark.django_db
def test_as_many_kits_can_be_sold_as_the_scarcest_part_makes(organization):
    drops, lamp = make.variant(in_stock=11), make.variant(in_stock=7)
    assert read(make.kit((drops, 2), lamp)).available == 5
    assert read(make.kit((drops, 2), lamp, kit_stock=OWN, in_stock=3)).available == 3
    assert read(make.kit((drops, 12))).available == 0


@pytest.mark.django_db
def test_a_kit_of_parts_has_no_shelf(organization):
    drops = make.variant()
    kit = make.kit(drops)

    with pytest.raises(stock.StockOfParts):
        stock.move(kit, 5, reason=StockMovement.Reason.RECEIVED)
    with pytest.raises(stock.StockOfParts):
        stock.count(kit, 5)
    with pytest.raises(stock.OutOfStock), transaction.atomic():
        stock.reserve({kit.pk: 1}, holder=kit.pk)
    with pytest.raises(IntegrityError, match="a_kit_of_parts_has_no_shelf"), transaction.atomic():
        StockLevel.objects.filter(variant=kit).update(on_hand=1)
    full = make.variant(in_stock=3)
    with pytest.raises(kit_making.ShelfNotEmpty, match="3"):
        kit_making.declare(full, Recipe(PARTS, {drops.pk: 1}))
    assert not Variant.objects.get(pk=full.pk).kit_stock


@pytest.mark.django_db
def test_no_kit_lies_in_a_kit_and_no_stranger_either(organization):
    drops, lamp = make.variant(), make.variant()
    kit = make.kit(drops)
    with scope(organization=make.organization()):
        stranger = make.variant()

    refused = [
        (make.variant(in_stock=0), {kit.pk: 1}, kit_making.KitInKit),
        (drops, {lamp.pk: 1}, kit_making.KitInKit),
        (kit, {kit.pk: 1}, kit_making.KitInKit),
        (kit, {stranger.pk: 1}, kit_making.KitRefused),
        (kit, {drops.pk: 0}, kit_making.KitRefused),
        (kit, {drops.pk: 100}, kit_making.KitRefused),
        (kit, {}, kit_making.KitRefused),
    ]
    for made, parts, error in refused:
        with pytest.raises(error):
            kit_making.declare(made, Recipe(PARTS, parts))
    assert list(KitPart.objects.values_list("kit", "part", "quantity")) == [(kit.pk, drops.pk, 1)]
    with pytest.raises(catalogue.StillUsed):
        catalogue.remove_variant(make.kit(make.variant(in_stock=0)).parts.get().part)


@pytest.mark.django_db
def test_a_kit_becomes_another_and_none_again(organization):
    drops, lamp = make.variant(), make.variant()
    kit = make.kit(drops, (lamp, 2))

    kit_making.declare(kit, Recipe(OWN, {lamp.pk: 3}))
    stock.move(kit, 4, reason=StockMovement.Reason.RECEIVED)
    assert (read(kit).available, kit.parts.get().quantity) == (4, 3)
    kit_making.declare(kit, Recipe("", {}))

    assert (read(kit).available, kit.parts.count()) == (4, 0)
    assert stock.differences(organization) == []


@pytest.mark.django_db
def test_the_nightly_proof_finds_a_rule_without_its_shelf(organization):
    kit = make.kit(make.variant())

    Variant.objects.filter(pk=kit.pk).update(kit_stock="")

    assert [row["sku"] for row in stock.differences(organization)] == [kit.sku]


@pytest.mark.django_db
def test_the_page_of_a_kit_shows_what_is_inside_with_links(organization):
    oil = make.product("Aceite de lavanda", variants=2, price=2_000_000)
    hidden = make.product("Muestra de rosas", price=500_000, is_active=False)
    kit = make.kit((oil.variants.first(), 2), hidden.variants.get(), price=4_000_000, in_stock=0)
    catalogue.refresh([kit.product_id])

    page = Client().get(f"/productos/{kit.product.slug}/").content.decode()

    inside = re.search(r'<ul class="kit-parts">(.*?)</ul>', page, re.S)[1]
    sku = oil.variants.first().sku
    assert (
        f'<b>2 ×</b> <a href="/productos/{oil.slug}/?variante={sku}">Aceite de lavanda</a>'
        in inside
    )
    assert "Muestra de rosas" in inside
    assert f"/productos/{hidden.slug}/" not in inside
    assert "45.000" in page
    assert 'data-show="add">' in page


@pytest.mark.django_db
def test_the_api_says_what_lies_in_a_kit_and_whether_it_can_be_bought(organization):
    drops = make.variant(in_stock=1)
    kit, short = make.kit(drops), make.kit((drops, 2))
    catalogue.refresh([kit.product_id, short.product_id])

    rows = {row["sku"]: row for row in Client().get("/api/variants/").json()["results"]}

    assert rows[kit.sku]["parts"] == [{"variant": str(drops.pk), "sku": drops.sku, "quantity": 1}]
    assert (rows[kit.sku]["kit_stock"], rows[drops.sku]["kit_stock"]) == ("parts", "")
    assert (rows[kit.sku]["is_available"], rows[short.sku]["is_available"]) == (True, False)
    found = Client().get("/api/variants/?available=true").json()["results"]
    assert {row["sku"] for row in found} == {kit.sku, drops.sku}


@pytest.mark.django_db
def test_a_table_that_says_how_many_kits_there_are_is_refused_by_its_row(organization):
    drops = make.variant(in_stock=9)
    kit = make.kit(drops)

    one = tables.received(
        tables.own({"SKU": kit.sku, "Existencias": "5"}, {"SKU": drops.sku, "Existencias": "4"})
    )
    tables.run(one)

    assert tables.faults(one) == [(2, "Existencias", "stock_of_parts")]
    assert [read(variant).available for variant in (kit, drops)] == [4, 4]
    with pytest.raises(stock.StockOfParts):
        stock.count_all({kit.pk: 5}, reference="")


@pytest.fixture
def owner(organization):
    client = client_of("owner")
    client.cookies["kaiu_language"] = "en"
    return client


def test_a_kit_is_made_on_the_page_of_its_variant(owner):
    drops, kit = make.variant(in_stock=11), make.variant(in_stock=0)

    response = send(
        owner,
        change(kit),
        kit_stock="parts",
        parts__TOTAL_FORMS="1",
        parts__0__part=str(drops.pk),
        parts__0__quantity="2",
    )

    assert response.status_code == 302
    assert read(kit).available == 5
    entry = AuditEntry.objects.filter(row_id=str(kit.pk), changes__has_key="parts").get()
    assert entry.changes["parts"] == [[], [f"2 × {drops.sku}"]]
    page = owner.get(change(kit)).content.decode()
    assert "5 can be sold now." in page
    asked = f"/admin/shop/variant/{kit.pk}/kit/?kit_stock=parts&part={drops.pk}&quantity=3"
    assert owner.get(asked).content.decode().startswith("3 can be sold now.")
    found = owner.get(
        "/admin/autocomplete/",
        {"app_label": "shop", "model_name": "kitpart", "field_name": "part", "term": drops.sku},
    ).json()["results"]
    assert found == [{"id": str(drops.pk), "text": drops.full_label}]


def test_a_kit_that_cannot_be_is_refused_with_what_was_typed(owner):
    drops, kit = make.variant(), make.variant(in_stock=4)

    response = send(
        owner,
        change(kit),
        kit_stock="parts",
        parts__TOTAL_FORMS="1",
        parts__0__part=str(drops.pk),
        parts__0__quantity="7",
    )

    assert "has 4 of its own on the shelf" in errors_of(response)["parts"][0]
    assert 'value="7"' in response.content.decode()
    assert not Variant.objects.get(pk=kit.pk).kit_stock


@pytest.mark.django_db(transaction=True)
def test_two_people_who_make_kits_of_each_other_make_one(transactional_db):
    shop = make.organization()
    with scope(organization=shop):
        pairs = [(make.variant(in_stock=0), make.variant(in_stock=0)) for _pair in range(4)]

        def making(kit, part):
            return lambda: kit_making.declare(kit, Recipe(PARTS, {part.pk: 1}))

        jobs = [job for a, b in pairs for job in (making(a, b), making(b, a))]
        results = at_once(shop, jobs)

        assert kinds(results) == {"NoneType": 4, "KitInKit": 4}
        assert KitPart.objects.count() == 4
