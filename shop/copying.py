"""Copies of products and variants: everything that describes them, and nothing that happened."""

from django.core.files.storage import default_storage
from django.db import transaction

from . import catalogue, kit_making, pictures
from .models import Product, StockLevel, Variant

# What a copy gets anew, or never had.
_OF_PRODUCT = {"id", "slug", "name", "is_active", "is_featured", "is_demo", "search", "name_search"}
_OF_VARIANT = {
    *("id", "sku", "product", "option1", "option2", "position", "picture", "is_active"),
    "kit_stock",
}


@transaction.atomic
def copy_product(product: Product, *, name: str) -> Product:
    """Give a hidden copy of a product, with its pictures and active variants; its stock is none."""
    made = Product(**_facts(product, without=_OF_PRODUCT), name=name, is_active=False)
    made.slug = catalogue.propose_slug(made)
    made.save(force_insert=True)
    made.benefits.set(product.benefits.all())
    copied = {}
    for picture in product.pictures.all():
        # Files of its own: whoever deletes one picture does not take it from the other.
        with default_storage.open(f"{picture.key}/{picture.widths[-1]}.webp") as file:
            copied[picture.pk] = pictures.add(made, file, description=picture.description)
    for variant in product.variants.filter(is_active=True):
        _add_variant(
            variant,
            product=made,
            option1=variant.option1,
            option2=variant.option2,
            position=variant.position,
            picture=copied.get(variant.picture_id),
        )
    catalogue.refresh([made.pk])
    return made


@transaction.atomic
def copy_variant(variant: Variant, *, option1: str, option2: str, sku: str = "") -> Variant:
    """Give a copy of a variant for another choice, after it on its product's page."""
    made = _add_variant(
        variant,
        product=variant.product,
        option1=option1,
        option2=option2,
        sku=sku,
        position=variant.position + 1,
        picture=variant.picture,
    )
    catalogue.refresh([variant.product_id])
    return made


def _add_variant(variant: Variant, *, sku: str = "", **fields) -> Variant:
    made = Variant(**_facts(variant, without=_OF_VARIANT), **fields)
    if fields["option1"] != variant.option1 or fields["option2"] != variant.option2:
        # The name in words tells the other choice.
        made.name = ""
    made.sku = sku or catalogue.propose_sku(made)
    made.save(force_insert=True)
    StockLevel.objects.create(variant=made)
    if variant.kit_stock:
        parts = dict(variant.parts.values_list("part", "quantity"))
        kit_making.declare(made, kit_making.Recipe(variant.kit_stock, parts))
    return made


def _facts(row, *, without: set[str]) -> dict:
    """Give what people wrote about a row; what operations derive is derived anew."""
    return {
        field.name: getattr(row, field.name)
        for field in row._meta.concrete_fields
        if field.editable and field.name not in without
    }
