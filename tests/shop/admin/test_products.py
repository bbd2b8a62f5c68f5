"""Products with their variants, in the back-office."""

import pytest

from shop.models import AuditEntry, Product, StockLevel, StockMovement, Variant
from tests import make
from tests.shop.admin.back_office import change, errors_of, new_product, send


def test_a_product_is_added_with_variants_stock_and_proposed_address_and_skus(owner):
    new_product(owner, make.category())

    product = Product.objects.get()
    assert product.slug == "aceite-de-coco"
    assert (product.listing_price, product.has_several_prices) == (2_490_000, True)
    small, large = product.variants.all()
    assert (small.price, large.price, large.compare_at_price) == (2_490_000, 3_990_000, 4_500_000)
    assert small.sku
    assert large.sku
    assert small.sku != large.sku
    assert (small.stock.on_hand, large.stock.on_hand) == (7, 0)
    movement = StockMovement.objects.get()
    assert (movement.reason, movement.person, movement.quantity) == ("opening", owner.user, 7)


@pytest.mark.parametrize(
    "typed", ["24.90", "24,9", "-5", "abc", "24.900.5", "1e3", "２４", "9" * 15]
)
def test_a_price_that_makes_no_sense_is_refused_beside_its_field(owner, typed):
    response = new_product(owner, make.category(), variants__0__price=typed)

    assert list(errors_of(response)) == ["variants-0-price"]
    # What was typed is still there, in this field and in the others.
    assert f'value="{typed}"' in response.content.decode()
    assert 'value="Aceite de coco"' in response.content.decode()
    assert not Product.objects.exists()


def test_a_price_before_that_is_not_higher_is_refused(owner):
    response = new_product(owner, make.category(), variants__1__compare_at_price="39.900")

    assert errors_of(response) == {
        "variants-1-compare_at_price": ["The price before must be higher than the price."]
    }


def test_a_taken_address_and_a_taken_sku_are_refused_beside_their_fields(owner):
    taken = make.product(slug="aceite-de-coco").variants.get()
    response = new_product(
        owner, make.category(), slug="aceite-de-coco", variants__0__sku=taken.sku
    )

    assert errors_of(response) == {
        "slug": ["Another product already has this address."],
        "variants-0-sku": ["Another variant already has this SKU."],
    }


def test_an_empty_address_is_proposed_beside_those_that_are_taken(owner):
    make.product(slug="aceite-de-coco")
    new_product(owner, make.category())

    assert Product.objects.filter(slug="aceite-de-coco-2").exists()


def test_two_rows_with_one_sku_or_one_choice_are_refused(owner):
    response = new_product(
        owner,
        make.category(),
        variants__0__sku="COCO",
        variants__1__sku="COCO",
        variants__1__option1="10 ml",
    )

    assert errors_of(response) == {
        "variants-1-sku": ["Another variant already has this SKU."],
        "variants-1-option1": ["Another variant already stands for this choice."],
    }


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", "x" * 141),
        ("name", "Aceite\x07 de coco"),
        ("name", "Aceite\x00de coco"),
        ("name", "\u202eoceoc"),
        ("description", "x" * 20_001),
        ("ingredients", "agua\x1b[0m"),
    ],
)
def test_long_and_hidden_text_is_refused_beside_its_field_and_the_rest_kept(owner, field, text):
    response = new_product(owner, make.category(), **{"summary": "Se queda", field: text})

    assert list(errors_of(response)) == [field]
    assert 'value="Se queda"' in response.content.decode()
    assert not Product.objects.exists()


def test_any_script_of_the_world_is_kept_and_shown_escaped(owner):
    name = "<script>alert('ñ 精油 זית 🌿')</script>"
    new_product(owner, make.category(), name=name)

    product = Product.objects.get()
    assert product.name == name
    page = owner.get("/admin/shop/product/").content.decode()
    assert "<script>alert" not in page
    assert "精油 זית 🌿" in page


def test_a_variant_with_history_is_not_deleted_from_its_products_page(owner):
    product = make.product(variants=2)
    _kept, moved = product.variants.all()

    response = send(owner, change(product), variants__1__DELETE="on")

    assert errors_of(response) == {
        "variants": [f"{moved} has history and cannot be deleted. Retire it instead."]
    }
    assert Variant.objects.filter(pk=moved.pk).exists()


def test_a_variant_that_never_moved_is_deleted_and_one_that_did_is_retired(owner):
    product = make.product(variants=2, in_stock=0, price=1_000_000)
    StockMovement.objects.all().delete()
    _first, second = product.variants.all()

    send(owner, change(product), variants__0__DELETE="on", variants__1__price="20.000")

    assert list(product.variants.all()) == [second]
    product.refresh_from_db()
    assert product.listing_price == 2_000_000

    send(owner, change(product), variants__0__is_active=None)

    product.refresh_from_db()
    assert product.listing_price is None


def test_a_product_with_history_is_not_deleted(owner):
    product = make.product()

    page = owner.get(f"/admin/shop/product/{product.pk}/delete/").content.decode()
    owner.post(f"/admin/shop/product/{product.pk}/delete/", {"post": "yes"})

    assert "Its stock has moved. Hide it from the shop instead." in page
    assert Product.objects.filter(pk=product.pk).exists()


def test_a_product_without_history_is_deleted_and_the_audit_remembers_it(owner):
    product = make.product("Prueba", in_stock=0)

    owner.post(f"/admin/shop/product/{product.pk}/delete/", {"post": "yes"})

    assert not Product.objects.exists()
    entry = AuditEntry.objects.get(action="deleted")
    assert (entry.model, entry.row_id, entry.row_label) == ("product", str(product.pk), "Prueba")
    assert entry.changes["name"] == ["Prueba", None]


def test_existing_stock_cannot_be_changed_in_the_products_form(owner):
    product = make.product(in_stock=10)

    send(owner, change(product), variants__0__opening_stock="99", summary="Otro")

    assert StockLevel.objects.get().on_hand == 10
    assert Product.objects.get().summary == "Otro"


def test_hiding_products_by_an_action_leaves_an_entry_for_each(owner):
    products = [make.product(), make.product(is_active=False)]

    owner.post(
        "/admin/shop/product/",
        {"action": "hide_from_shop", "_selected_action": [str(one.pk) for one in products]},
    )

    assert not Product.objects.filter(is_active=True).exists()
    entry = AuditEntry.objects.get()
    assert (entry.row_id, entry.changes) == (str(products[0].pk), {"is_active": [True, False]})


def test_products_are_found_by_name_and_by_sku(owner):
    lavender = make.product("Aceite de lavanda")
    make.product("Jabón de avena")
    make.variant(lavender, sku="LAV-30-ML", option1="30 ml")

    for typed in ("lavánda", "LAVANDAS", "lav-30-ml"):
        changelist = owner.get("/admin/shop/product/", {"q": typed}).context["cl"]
        assert list(changelist.result_list) == [lavender], typed


def test_filters_of_the_product_list_combine(owner):
    oils = make.category()
    citrus = make.category(parent=oils)
    wanted = make.product(category=citrus, in_stock=3)
    make.product(category=oils, in_stock=0)
    make.product(in_stock=3)

    shown = owner.get("/admin/shop/product/", {"category": str(oils.pk), "stock": "low"})

    assert list(shown.context["cl"].result_list) == [wanted]
