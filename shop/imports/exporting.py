"""Products as a table in the columns of our template: read again, it changes nothing."""

from collections.abc import Iterable, Iterator
from itertools import chain

from django.core.files.storage import default_storage

from config.lib import spreadsheets

from .. import organizations
from ..models import Organization, Product, ProductImport, Variant
from . import columns, reasons, shelves

_CHUNK = 500
_TAXES = {
    Variant.TaxCategory.GENERAL: ("19", "19"),
    Variant.TaxCategory.REDUCED: ("5", "5"),
    Variant.TaxCategory.EXEMPT: ("exento", "exempt"),
    Variant.TaxCategory.EXCLUDED: ("excluido", "excluded"),
}


def export(organization: Organization, products=None, *, kind: str = "csv"):
    """Give products (all of them unless a queryset says which) as CSV lines or a workbook."""
    products = Product.objects.all() if products is None else products
    return _table(organization, _rows(organization, products), kind=kind)


def template(organization: Organization, *, kind: str = "csv"):
    """Give our template, with two products that show how it is filled in."""
    is_spanish = organization.language == "es"
    rows = [
        [values.get(column.field, "") for column in columns.TEMPLATE]
        for values in (_EXAMPLES_ES if is_spanish else _EXAMPLES_EN)
    ]
    return _table(organization, rows, kind=kind)


def _table(organization: Organization, rows: Iterable[list], *, kind: str) -> bytes | Iterator[str]:
    headings = _headings(organization)
    if kind == "xlsx":
        return spreadsheets.xlsx("Productos", headings, rows)
    return spreadsheets.csv_later(chain([headings], rows), organization=organization)


def error_file(one: ProductImport) -> Iterator[str]:
    """Give the rows of faulty products as CSV, to be corrected and given to us again."""
    language = one.organization.language
    place = 0 if language == "es" else 1
    kept = [n for n, heading in enumerate(one.headings) if not columns.is_ours(heading)]
    headings = [one.headings[n] for n in kept]

    def rows() -> Iterator[list]:
        yield [*headings, columns.ERROR_LINE[place], columns.ERROR_REASON[place]]
        reasons_of: dict[int, list[str]] = {}
        for fault in one.faults.order_by("line", "id").iterator(chunk_size=2_000):
            words = reasons.words(fault)
            told = f"{fault.column}: {words}" if fault.column else words
            reasons_of.setdefault(fault.line, []).append(told)
        faulty = one.faults.exclude(number=None).values("number")
        lines = one.lines.filter(number__in=faulty).order_by("line")
        for row in lines.iterator(chunk_size=1_000):
            cells = [*row.cells, *[None] * (len(one.headings) - len(row.cells))]
            shown = [_raw(cells[n]) for n in kept]
            yield [*shown, row.line, " ".join(reasons_of.get(row.line, []))]

    return spreadsheets.csv_later(rows(), organization=one.organization)


def _raw(cell):
    return spreadsheets.text_of(cell) if isinstance(cell, str) else cell


def _headings(organization: Organization) -> list[str]:
    is_spanish = organization.language == "es"
    return [column.spanish if is_spanish else column.english for column in columns.TEMPLATE]


# --- Rows -----------------------------------------------------------------------------------------


def _rows(organization: Organization, products) -> Iterator[list]:
    """A product on its first row, and each more of its variants on one of its own."""
    paths = shelves.category_paths()
    base = organizations.base_url(organization)
    products = (
        products.order_by("pk")
        .defer("search", "name_search")
        .prefetch_related("variants__stock", "benefits", "pictures")
    )
    for product in products.iterator(chunk_size=_CHUNK):
        shared = _product_values(organization, product, paths, base)
        variants = list(product.variants.all())
        if not variants:
            yield [shared.get(column.field, "") for column in columns.TEMPLATE]
        for place, variant in enumerate(variants):
            values = shared if place == 0 else {"slug": product.slug, "name": product.name}
            values = values | _variant_values(organization, variant)
            yield [values.get(column.field, "") for column in columns.TEMPLATE]


def _product_values(organization: Organization, product: Product, paths: dict, base: str) -> dict:
    values = {name: getattr(product, name) for name in ("slug", *columns.PRODUCT_FIELDS)}
    names = [benefit.name for benefit in product.benefits.all()]
    has_marks = any(mark in name for name in names for mark in ",;")
    return values | {
        "category": " > ".join(paths[product.category_id]),
        "benefits": " | ".join([*names, ""]) if has_marks else ", ".join(names),
        "is_active": _flag(organization, product.is_active),
        "is_featured": _flag(organization, product.is_featured),
        "pictures": " ".join(_addresses(product, base)),
    }


def _addresses(product: Product, base: str) -> list[str]:
    found = []
    for picture in product.pictures.all():
        address = default_storage.url(f"{picture.key}/{picture.widths[-1]}.webp")
        if not address.startswith("http"):
            address = f"{base}{address}" if base else ""
        if address:
            found.append(address)
    return found


def _variant_values(organization: Organization, variant: Variant) -> dict:
    level = getattr(variant, "stock", None)
    is_spanish = organization.language == "es"
    return {
        "option1": variant.option1,
        "option2": variant.option2,
        "variant_name": variant.name,
        "sku": variant.sku,
        "price": _amount(variant.price),
        "compare_at_price": _amount(variant.compare_at_price),
        "currency": organization.currency,
        "tax_category": _TAXES[variant.tax_category][0 if is_spanish else 1],
        "stock": level.on_hand if level else 0,
        "low_at": level.low_at if level else "",
        "weight:g": variant.weight_grams,
        "length:cm": variant.length_cm,
        "width:cm": variant.width_cm,
        "height:cm": variant.height_cm,
        "shelf": variant.shelf,
        "variant_active": _flag(organization, variant.is_active),
    }


def _amount(cents: int | None) -> int | float | str:
    if cents is None:
        return ""
    whole, rest = divmod(cents, 100)
    return cents / 100 if rest else whole


def _flag(organization: Organization, value: bool) -> str:
    if organization.language == "es":
        return "sí" if value else "no"
    return "yes" if value else "no"


_SOAP = {
    "price": 18_000,
    "currency": "COP",
    "tax_category": "19",
    "stock": 40,
    "low_at": 5,
    "weight:g": 110,
    "length:cm": 9,
    "width:cm": 6,
    "height:cm": 3,
}
_OIL = {"price": 32_000, "stock": 25, "low_at": 5, "weight:g": 60}
# None of the demo's own, so that the template can be tried there.
_EXAMPLES_ES = (
    _SOAP
    | {
        "name": "Jabón de manzanilla",
        "category": "Cuidado del cuerpo > Jabones",
        "summary": "Suave con la piel seca.",
        "description": "Hecho a mano, en frío.\n\nCada barra pesa 100 g.",
        "ingredients": "Aceite de oliva, aceite de coco, manzanilla.",
        "benefits": "Calmante, Hidratante",
        "is_active": "sí",
        "sku": "JAB-MAN",
    },
    _OIL
    | {
        "name": "Aceite esencial de ciprés",
        "category": "Aceites esenciales",
        "option1_name": "Tamaño",
        "option1": "10 ml",
        "sku": "CIP-10",
    },
    _OIL
    | {
        "name": "Aceite esencial de ciprés",
        "option1": "30 ml",
        "sku": "CIP-30",
        "price": 79_000,
        "compare_at_price": 89_000,
    },
)
_EXAMPLES_EN = (
    _SOAP
    | {
        "name": "Marigold soap",
        "category": "Body care > Soaps",
        "summary": "Gentle with dry skin.",
        "description": "Made by hand.\n\nEach bar weighs 100 g.",
        "benefits": "Calming, Moisturising",
        "is_active": "yes",
        "sku": "SOAP-MAR",
    },
    _OIL
    | {
        "name": "Lavender essential oil",
        "category": "Essential oils",
        "option1_name": "Size",
        "option1": "10 ml",
        "sku": "LAV-10",
    },
    _OIL | {"name": "Lavender essential oil", "option1": "30 ml", "sku": "LAV-30", "price": 79_000},
)
