"""Copies of products and variants, the order of categories, and what can no longer be deleted."""

import pytest

from shop import pictures
from shop.models import AuditEntry, Category, Product, Variant
from tests import make
from tests.shop.admin.back_office import client_of


def test_a_copied_product_is_hidden_and_has_what_describes_it_but_no_stock(owner):
    product = make.product("Aceite", variants=2, price=2_490_000, description="Puro.", in_stock=9)
    product.benefits.add(make.benefit("Calma"))
    make.variant(product, is_active=False, option1="Viejo")

    owner.post(f"/admin/shop/product/{product.pk}/copiar/", {"name": "Aceite nuevo"})

    made = Product.objects.get(name="Aceite nuevo")
    assert (made.slug, made.is_active, made.description) == ("aceite-nuevo", False, "Puro.")
    assert [benefit.name for benefit in made.benefits.all()] == ["Calma"]
    old, new = (set(one.variants.values_list("sku", flat=True)) for one in (product, made))
    assert len(new) == 2
    assert not old & new
    assert {variant.stock.on_hand for variant in made.variants.all()} == {0}
    assert AuditEntry.objects.filter(action="added", row_id=str(made.pk)).exists()


def test_pictures_of_a_copy_are_files_of_its_own(owner, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    product = make.product()
    picture = pictures.add(product, make.picture_file(100, 100), description="Frasco")

    owner.post(f"/admin/shop/product/{product.pk}/copiar/", {"name": "Copia"})

    [copied] = Product.objects.get(name="Copia").pictures.all()
    assert copied.key != picture.key
    assert (copied.description, copied.widths) == (picture.description, picture.widths)


def test_a_copied_variant_stands_for_another_choice_with_a_sku_of_its_own(owner):
    variant = make.variant(option1="10 ml", price=1_990_000, weight_grams=80)
    path = f"/admin/shop/variant/{variant.pk}/copiar/"

    refused = owner.post(path, {"option1": "10 ml"})
    taken = owner.post(path, {"option1": "30 ml", "sku": variant.sku})
    owner.post(path, {"option1": "30 ml"})

    assert list(refused.context["form"].errors) == ["option1"]
    assert list(taken.context["form"].errors) == ["sku"]
    made = Variant.objects.get(option1="30 ml")
    assert (made.product_id, made.price, made.weight_grams) == (variant.product_id, 1_990_000, 80)
    assert made.sku != variant.sku
    assert made.stock.on_hand == 0


@pytest.mark.parametrize("role", ["warehouse", "viewer"])
def test_who_may_not_add_copies_nothing(organization, role):
    variant = make.variant()

    for row in (variant, variant.product):
        path = f"/admin/shop/{row._meta.model_name}/{row.pk}/copiar/"
        assert client_of(role).post(path, {"name": "x", "option1": "x"}).status_code == 403
    assert Variant.objects.count() == 1


def shelf(parent=None) -> list[str]:
    return list(Category.objects.filter(parent=parent).values_list("name", flat=True))


def test_categories_are_moved_up_and_down_on_their_own_shelf(owner):
    first, second, _third = (
        make.category(name, position=place) for place, name in enumerate(("Uno", "Dos", "Tres"))
    )
    make.category("Adentro", parent=first)

    def move(category, way):
        owner.post(f"/admin/shop/category/{category.pk}/mover/", {"way": way})

    move(second, "up")
    assert shelf() == ["Dos", "Uno", "Tres"]
    move(second, "up")
    move(first, "down")
    move(first, "sideways")
    assert shelf() == ["Dos", "Tres", "Uno"]
    assert shelf(first) == ["Adentro"]
    owner.get(f"/admin/shop/category/{first.pk}/mover/", {"way": "up"})
    assert shelf() == ["Dos", "Tres", "Uno"]


def test_what_was_ordered_but_never_moved_is_not_deleted(owner):
    variant = make.variant()
    make.placed_order(variant)
    variant.movements.all().delete()

    owner.post(f"/admin/shop/variant/{variant.pk}/delete/", {"post": "yes"})
    owner.post(f"/admin/shop/product/{variant.product_id}/delete/", {"post": "yes"})

    assert Variant.objects.filter(pk=variant.pk).exists()


def test_a_copied_kit_has_the_same_parts_and_a_part_is_not_deleted(owner):
    part = make.variant(in_stock=4)
    kit = make.variant(in_stock=0, kit_stock="parts", option1="Set")
    kit.parts.create(part=part, quantity=2)
    part.movements.all().delete()

    owner.post(f"/admin/shop/variant/{kit.pk}/copiar/", {"option1": "Set grande"})
    owner.post(f"/admin/shop/variant/{part.pk}/delete/", {"post": "yes"})

    made = Variant.objects.get(option1="Set grande")
    assert [(one.part, one.quantity) for one in made.parts.all()] == [(part, 2)]
    assert Variant.objects.filter(pk=part.pk).exists()
