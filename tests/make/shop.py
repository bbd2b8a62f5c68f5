"""Organizations, people, the catalogue and its stock."""

import io
from itertools import count

from django.utils import timezone
from django_scopes import get_scope, scope
from PIL import Image

from shop import catalogue, customers, kit_making, stock_counts
from shop.models import (
    Benefit,
    Category,
    Customer,
    Domain,
    Membership,
    Organization,
    Product,
    ProductImport,
    StockAlert,
    StockCount,
    StockLevel,
    StockMovement,
    User,
    Variant,
)

PASSWORD = "correct horse battery"
# No two rows of a run share a name.
numbers = count(1)


def organization(*, host: str | None = None, **fields) -> Organization:
    number = next(numbers)
    fields = {"name": f"Tienda {number}", "slug": f"tienda-{number}", **fields}
    organization = Organization.objects.create(**fields)
    Domain.objects.create(
        organization=organization,
        host=host or f"tienda-{number}.localhost",
        is_primary=True,
        verified_at=timezone.now(),
    )
    return organization


def here() -> Organization:
    """Give the organization whose scope is open."""
    return get_scope()["organization"]


def user(*, password: str | None = PASSWORD, **fields) -> User:
    return User.objects.create_user(
        fields.pop("email", f"persona-{next(numbers)}@example.com"), password, **fields
    )


def member(role: str, *, organization: Organization | None = None, **fields) -> User:
    """Give a user with this role in the organization of the open scope."""
    organization = organization or here()
    person = user(**fields)
    with scope(organization=organization):
        Membership.objects.create(organization=organization, user=person, role=role)
    return person


def customer(**fields) -> Customer:
    return customers.create(here(), **{"name": "Ana Gómez", **fields})


def category(name: str | None = None, **fields) -> Category:
    number = next(numbers)
    fields = {"slug": f"categoria-{number}", "organization": here(), **fields}
    return Category.objects.create(name=name or f"Categoría {number}", **fields)


def benefit(name: str | None = None, **fields) -> Benefit:
    number = next(numbers)
    fields = {"slug": f"beneficio-{number}", "organization": here(), **fields}
    return Benefit.objects.create(name=name or f"Beneficio {number}", **fields)


def product(name: str | None = None, *, variants: int = 1, in_stock: int = 10, **fields) -> Product:
    """Give a visible product with so many variants, each with stock."""
    price = fields.pop("price", 2_490_000)
    compare_at_price = fields.pop("compare_at_price", None)
    if variants > 1:
        fields.setdefault("option1_name", "Tamaño")
    product = _product_row(name, **fields)
    for position in range(variants):
        _variant_row(
            product,
            option1=f"{(position + 1) * 10} ml" if variants > 1 else "",
            price=price,
            compare_at_price=compare_at_price,
            in_stock=in_stock,
            position=position,
        )
    _bring_up_to_date(product)
    return product


def variant(product: Product | None = None, *, in_stock: int = 10, **fields) -> Variant:
    """Give a variant of the product (or of a new one) with so much stock."""
    if product is not None:
        made = _variant_row(product, in_stock=in_stock, **fields)
        catalogue.refresh([product.pk])
        return made
    product = _product_row()
    made = _variant_row(product, in_stock=in_stock, **fields)
    _bring_up_to_date(product)
    return made


def _product_row(name: str | None = None, *, benefits=(), **fields) -> Product:
    number = next(numbers)
    fields = {"slug": f"producto-{number}", "organization": here(), **fields}
    fields["category"] = fields.get("category") or category()
    product = Product.objects.create(name=name or f"Producto {number}", **fields)
    if benefits:
        product.benefits.set(benefits)
    return product


def _variant_row(product: Product, *, in_stock: int, **fields) -> Variant:
    fields = {"sku": f"SKU-{next(numbers)}", "price": 2_490_000, **fields}
    variant = Variant.objects.create(organization=product.organization, product=product, **fields)
    if in_stock:
        # What stock.move() leaves behind, in two statements instead of ten.
        StockLevel.objects.create(variant=variant, on_hand=in_stock)
        StockMovement.objects.create(
            variant=variant, quantity=in_stock, reason=StockMovement.Reason.OPENING
        )
    return variant


def _bring_up_to_date(product: Product) -> None:
    # Once, however many variants: every other test waits for some product.
    catalogue.refresh([product.pk])
    product.refresh_from_db()


def picture_file(width: int = 800, height: int = 1000, kind: str = "JPEG", **options) -> io.BytesIO:
    """Give an uploaded picture as a file."""
    content = io.BytesIO()
    Image.effect_noise((width, height), 40).convert("RGB").save(content, kind, **options)
    content.name = f"foto.{kind.lower()}"
    content.seek(0)
    return content


def kit(*parts, kit_stock: str = "parts", **fields) -> Variant:
    """Give a kit of these variants, or pairs of variant and how many; it takes their stock."""
    inside = dict(part if isinstance(part, tuple) else (part, 1) for part in parts)
    made = variant(in_stock=fields.pop("in_stock", 0), **fields)
    recipe = kit_making.Recipe(kit_stock, {part.pk: each for part, each in inside.items()})
    kit_making.declare(made, recipe)
    return made


def stock_alert(variant: Variant, **fields) -> StockAlert:
    """Give somebody who waits for a variant, their address confirmed."""
    now = timezone.now()
    fields = {"email": f"espera-{next(numbers)}@example.com", "confirmed_at": now, **fields}
    return StockAlert.objects.create(
        variant=variant, language="es", consent_version="2026-11", consented_at=now, **fields
    )


def product_import(name: str = "productos.csv", **fields) -> ProductImport:
    """Give an import that is done."""
    fields = {"organization": here(), "status": ProductImport.Status.DONE, **fields}
    return ProductImport.objects.create(name=name, **fields)


def stock_count(name: str = "Conteo", *, scope: str = "everything", **fields) -> StockCount:
    """Give a count of the shelves that was just begun."""
    return stock_counts.start(here(), name=name, scope=scope, **fields)
