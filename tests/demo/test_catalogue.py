"""The demo: complete, labelled, apart from other shops, and never loaded twice."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db.models import Sum
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from logistics.models import RateTable
from shop import catalogue, imports, kits, organizations, stock_alerts, stock_counts
from shop.demo import loading
from shop.models import (
    Address,
    AuditEntry,
    Benefit,
    Category,
    Customer,
    Membership,
    Organization,
    Picture,
    Product,
    ProductImport,
    StockCount,
    StockLevel,
    StockMovement,
    User,
    Variant,
    WishlistLine,
)
from shop.roles import Role
from tests.demo.conftest import PASSWORD, WIDTH
from tests.demo.stored import files
from tests.shop.imports import tables

ROOTS = (
    AuditEntry,
    Benefit,
    Category,
    Customer,
    Membership,
    Product,
    ProductImport,
    RateTable,
    StockCount,
    Variant,
)
CHILDREN = (Address, Picture, StockLevel, StockMovement)


def everything() -> dict:
    """Every demo-relevant row of every organization, by model."""
    with scopes_disabled():
        rows = {model: set(model.objects.values_list("pk", flat=True)) for model in ROOTS}
        rows |= {model: set(model.objects.values_list("pk", flat=True)) for model in CHILDREN}
        rows[User] = set(User.objects.values_list("pk", "password"))
        rows[Organization] = set(Organization.objects.values_list("pk", flat=True))
        return rows


def test_our_template_of_an_import_can_be_tried(kaiu):
    content = "".join(imports.template(kaiu, kind="csv")).encode()

    assert tables.outcome(tables.brought(content)) == (2, 0, 0, 0)


def test_the_shop_is_as_large_as_a_real_one(kaiu):
    assert Product.objects.count() >= 52
    assert Variant.objects.count() >= 115
    assert Category.objects.filter(parent=None).count() == 8
    assert Category.objects.exclude(parent=None).count() >= 4


def test_lavender_is_what_other_tests_rely_on(kaiu):
    variant = Variant.objects.select_related("product").get(sku="KAIU-LAV-10")

    assert variant.product.name == "Aceite esencial de lavanda"
    assert variant.product.slug == "aceite-esencial-de-lavanda"
    assert (variant.label, variant.price) == ("10 ml", 3_290_000)


def test_prices_are_whole_pesos_and_offers_are_lower_than_before(kaiu):
    variants = list(Variant.objects.all())

    assert [v.sku for v in variants if v.price % 100 or v.price <= 0] == []
    assert [v.sku for v in variants if (v.compare_at_price or 0) % 100] == []
    offers = [v for v in variants if v.compare_at_price]
    assert 15 <= len(offers) <= len(variants) // 4
    assert [v.sku for v in offers if v.offer_from is None] == []


def test_every_parcel_can_be_weighed_and_measured(kaiu):
    for variant in Variant.objects.all():
        assert min(variant.weight_grams, variant.width_cm, variant.height_cm) > 0, variant.sku


def test_every_product_and_variant_has_a_picture_that_is_on_disk(kaiu):
    assert not Product.objects.filter(pictures=None).exists()
    assert not Variant.objects.filter(picture=None).exists()
    for picture in Picture.objects.all():
        for width in picture.widths:
            assert (Path(settings.MEDIA_ROOT) / picture.key / f"{width}.webp").is_file()
        assert picture.description


def test_a_variant_is_shown_by_a_picture_of_its_own_product(kaiu):
    for variant in Variant.objects.select_related("picture"):
        assert variant.picture.product_id == variant.product_id, variant.sku


def test_stock_is_plenty_few_and_none_and_every_piece_has_its_movement(kaiu):
    levels = {level.variant_id: level.on_hand for level in StockLevel.objects.all()}
    movements = StockMovement.objects.order_by().values_list("variant_id")
    moved = dict(movements.annotate(quantity=Sum("quantity")))

    available = [levels.get(pk, 0) for pk in Variant.objects.values_list("pk", flat=True)]
    assert sum(on_hand == 0 for on_hand in available) >= 5
    assert sum(0 < on_hand <= 5 for on_hand in available) >= 5
    assert sum(on_hand > 20 for on_hand in available) >= 50
    assert moved == {key: on_hand for key, on_hand in levels.items() if key in moved}
    assert not any(on_hand for key, on_hand in levels.items() if key not in moved)


def test_somebody_imported_a_count_with_two_rows_that_are_wrong(kaiu):
    one = ProductImport.objects.get()

    assert (one.status, one.changed, one.unchanged, one.faulty) == ("done", 2, 1, 2)
    told = [(fault.line, imports.words(fault)) for fault in one.faults.all()]
    assert [line for line, _words in told] == [5, 6]
    assert "KAIU-ROM-15" in told[0][1]
    assert "una docena" in told[1][1]
    assert one.finished_at < timezone.now() - timedelta(days=5)


def test_the_warehouse_has_begun_a_count_in_which_something_is_missing(kaiu):
    count = StockCount.objects.get()

    assert (count.is_open, count.person.email) == (True, "bodega@kaiu.example")
    totals = stock_counts.totals(count)
    assert (totals.products, totals.more, totals.less) == (2, 2, 1)
    assert stock_counts.progress(count).left


def test_gift_sets_take_the_stock_of_their_parts_and_some_people_wait(kaiu):
    sets = kits.with_available(Variant.objects.filter(kit_stock="parts"))

    assert sorted(kit.sku for kit in sets if kit.available > 0) == [
        "KAIU-SET-ADI",
        "KAIU-SET-ARO",
        "KAIU-SET-DES",
        "KAIU-SET-DUC",
        "KAIU-SET-FAC",
    ]
    assert WishlistLine.objects.exists()
    assert stock_alerts.waiting().exists()
    assert not stock_alerts.due(now=timezone.now()).exists()


def test_lists_know_price_cover_and_stock_of_every_product(kaiu):
    kept = dict(Product.objects.values_list("pk", "listing_price"))
    available = Product.objects.filter(is_available=True).count()

    catalogue.refresh(kept)

    assert dict(Product.objects.values_list("pk", "listing_price")) == kept
    assert None not in kept.values()
    assert Product.objects.filter(is_available=True).count() == available
    assert not Product.objects.filter(cover=None).exists()
    assert not Product.objects.filter(search=None).exists()


def test_some_choices_are_missing_and_some_products_are_hidden(kaiu):
    lamp = Product.objects.get(slug="difusor-ultrasonico-paramo")
    choices = set(lamp.variants.values_list("option1", "option2"))

    first, second = {one for one, _ in choices}, {two for _, two in choices}
    assert len(choices) < len(first) * len(second)
    hidden = Product.objects.exclude(pk__in=Product.objects.visible())
    assert set(hidden.values_list("slug", flat=True)) == {
        "set-navidad-2025",
        "infusion-tarde-de-lluvia",
    }


def test_everything_is_labelled(kaiu):
    assert kaiu.is_demo
    assert not Product.objects.filter(is_demo=False).exists()
    assert set(RateTable.objects.values_list("is_demo", flat=True)) == {True}
    assert not Customer.objects.exclude(tags__contains=[loading.CUSTOMER_TAG]).exists()
    assert not Membership.objects.filter(user__is_demo=False).exists()


def test_each_role_and_one_operator_can_sign_in(kaiu):
    people = Membership.objects.select_related("user")

    assert {membership.role for membership in people} == set(Role)
    assert all(membership.user.check_password(PASSWORD) for membership in people)
    operator = User.objects.get(is_superuser=True)
    assert operator.check_password(PASSWORD)
    assert organizations.of_user(operator) == []


def test_customers_have_one_default_address_each(kaiu):
    for customer in Customer.objects.all():
        assert customer.addresses.filter(is_default=True).count() == 1
        assert customer.email.endswith(("@example.com", ".example.com"))


def test_the_shops_answer_at_their_hosts(kaiu):
    assert organizations.at_host("localhost:8000") == kaiu
    assert organizations.at_host("127.0.0.1") == kaiu
    assert organizations.at_host("cafe.localhost").slug == "cafe-la-vereda"


def test_the_rows_of_the_two_shops_never_cross(demo, db):
    seen = {}
    for slug in ("kaiu", "cafe-la-vereda"):
        organization = Organization.objects.get(slug=slug)
        with scope(organization=organization):
            seen[slug] = {(m, pk) for m in ROOTS + CHILDREN for pk in m.objects.values_list("pk")}
            for product in Product.objects.select_related("category"):
                assert product.category.organization_id == organization.pk
                for benefit in product.benefits.all():
                    assert benefit.organization_id == organization.pk
            for variant in Variant.objects.select_related("product"):
                assert variant.organization_id == variant.product.organization_id
            for picture in Picture.objects.all():
                assert picture.key.startswith(f"pictures/{slug}/")

    assert seen["kaiu"]
    assert seen["cafe-la-vereda"]
    assert not seen["kaiu"] & seen["cafe-la-vereda"]


def test_a_second_run_changes_nothing_and_keeps_what_people_edited(kaiu):
    Product.objects.filter(slug="vela-de-soya").update(name="Vela de la casa")
    Customer.objects.get(name="Nicolás Ñáñez").delete()
    before, drawn = everything(), files()

    loaded = loading.load(password="otra clave", width=WIDTH)

    assert loaded == []
    assert everything() == before
    assert files() == drawn
    assert Product.objects.get(slug="vela-de-soya").name == "Vela de la casa"


def test_the_command_prints_every_sign_in(kaiu, settings):
    settings.DEMO_PASSWORD = PASSWORD
    out = StringIO()

    call_command("load_demo", stdout=out)

    for email in User.objects.filter(is_demo=True).values_list("email", flat=True):
        assert email in out.getvalue()
    assert f"Password of all of them: {PASSWORD}" in out.getvalue()


def test_a_product_for_later_appears_at_its_time(kaiu):
    tea = Product.objects.get(slug="infusion-tarde-de-lluvia")

    assert tea not in Product.objects.visible()
    assert tea in Product.objects.visible(timezone.now() + timedelta(days=21))
