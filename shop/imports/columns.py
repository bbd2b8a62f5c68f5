"""What the columns of a file hold, by their names: ours and those of other shops' exports.

Names are words of a file format, in Spanish and English, compared without accents, capitals and
signs; they are data and not texts to translate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from config.lib import text

from ..models import ProductImport
from .reasons import BadFile

Format = ProductImport.Format


@dataclass(frozen=True)
class Named:
    """A column of our template: its field, its name in both languages, and other names for it."""

    field: str
    spanish: str
    english: str
    others: tuple[str, ...] = ()


# In the order of our template. Fields of the product first, then those of each variant.
TEMPLATE = (
    Named("slug", "Dirección web", "Web address", ("handle", "slug", "url handle")),
    Named("name", "Nombre", "Name", ("producto", "product", "title", "titulo", "product name")),
    Named("category", "Categoría", "Category", ("categorias", "categories", "seccion")),
    Named("summary", "Resumen", "Summary", ("descripcion corta", "short description")),
    Named("description", "Descripción", "Description"),
    Named("ingredients", "Ingredientes", "Ingredients"),
    Named("how_to_use", "Modo de uso", "How to use", ("como se usa", "como usar")),
    Named("tips", "Consejos", "Tips"),
    Named("certifications", "Certificaciones", "Certifications"),
    Named("benefits", "Beneficios", "Benefits"),
    Named("no_withdrawal_reason", "Por qué no se devuelve", "Why it cannot be returned"),
    Named("is_active", "Publicado", "Published"),
    Named("is_featured", "Destacado", "Featured"),
    Named("pictures", "Fotos", "Pictures", ("foto", "picture", "imagenes", "imagen", "images")),
    Named("option1_name", "Opción 1", "Option 1", ("option1 name", "nombre de la opcion 1")),
    Named("option1", "Valor 1", "Value 1", ("option1 value", "valor de la opcion 1")),
    Named("option2_name", "Opción 2", "Option 2", ("option2 name", "nombre de la opcion 2")),
    Named("option2", "Valor 2", "Value 2", ("option2 value", "valor de la opcion 2")),
    Named("variant_name", "Variante", "Variant", ("nombre de la variante", "variant name")),
    Named("sku", "SKU", "SKU", ("referencia", "reference", "codigo", "code", "variant sku")),
    Named("price", "Precio", "Price", ("precio de venta", "variant price", "valor")),
    Named("compare_at_price", "Precio antes", "Price before", ("precio anterior",)),
    Named("currency", "Moneda", "Currency", ("divisa",)),
    Named("tax_category", "IVA", "Tax", ("impuesto", "vat")),
    Named("stock", "Existencias", "Stock", ("inventario", "inventory", "cantidad", "quantity")),
    Named("low_at", "Avisar con", "Low at", ("stock minimo", "low stock amount")),
    Named("weight:g", "Peso (g)", "Weight (g)"),
    Named("length:cm", "Largo (cm)", "Length (cm)"),
    Named("width:cm", "Ancho (cm)", "Width (cm)"),
    Named("height:cm", "Alto (cm)", "Height (cm)"),
    Named("shelf", "Estante", "Shelf", ("ubicacion", "bodega", "bin", "location")),
    Named("variant_active", "Variante activa", "Variant active"),
)  # fmt: skip
# Those that a product keeps as the column says it; category and benefits are rows of their own.
PRODUCT_FIELDS = (
    "name",
    "summary",
    "description",
    "ingredients",
    "how_to_use",
    "tips",
    "certifications",
    "no_withdrawal_reason",
    "is_active",
    "is_featured",
    "option1_name",
    "option2_name",
)
_MEASURES = {
    "weight": ("peso", "weight"),
    "length": ("largo", "longitud", "length", "depth", "profundidad"),
    "width": ("ancho", "anchura", "width"),
    "height": ("alto", "altura", "height"),
}
WEIGHTS = {"g": 1, "gr": 1, "gramos": 1, "kg": 1000, "kilos": 1000, "oz": 28.349523125}
WEIGHTS |= {"lb": 453.59237, "lbs": 453.59237}
LENGTHS = {"cm": 1, "mm": 0.1, "m": 100, "in": 2.54}
# Our own additions to the file of errors.
ERROR_LINE, ERROR_REASON = ("Línea del error", "Line of the error"), ("Motivo", "Reason")
_NOT_READ = "-"

_SHOPIFY = {
    "handle": "slug",
    "url handle": "slug",
    "title": "name",
    "body html": "description",
    "description": "description",
    "product category": "other_category",
    "type": "category",
    "published": "is_active",
    "published on online store": "is_active",
    "status": "status",
    "option1 name": "option1_name",
    "option1 value": "option1",
    "option2 name": "option2_name",
    "option2 value": "option2",
    "option3 value": "option3",
    "variant sku": "sku",
    "sku": "sku",
    "variant grams": "weight:g",
    "weight value grams": "weight:g",
    "variant inventory qty": "stock",
    "inventory quantity": "stock",
    "variant price": "price",
    "price": "price",
    "variant compare at price": "compare_at_price",
    "compare at price": "compare_at_price",
    "image src": "pictures",
    "product image url": "pictures",
    "image alt text": "picture_description",
    "variant image": "variant_picture",
    "variant image url": "variant_picture",
}
_WOOCOMMERCE = {
    "id": "id",
    "type": "kind",
    "tipo": "kind",
    "sku": "sku",
    "name": "name",
    "nombre": "name",
    "published": "is_active",
    "publicado": "is_active",
    "is featured": "is_featured",
    "esta destacado": "is_featured",
    "short description": "summary",
    "descripcion corta": "summary",
    "description": "description",
    "descripcion": "description",
    "stock": "stock",
    "inventario": "stock",
    "low stock amount": "low_at",
    "cantidad de bajo inventario": "low_at",
    "sale price": "sale_price",
    "precio rebajado": "sale_price",
    "regular price": "price",
    "precio normal": "price",
    "categories": "categories",
    "categorias": "categories",
    "images": "pictures",
    "imagenes": "pictures",
    "parent": "parent",
    "superior": "parent",
    "attribute 1 name": "option1_name",
    "nombre del atributo 1": "option1_name",
    "attribute 1 value s": "option1",
    "valor es del atributo 1": "option1",
    "attribute 2 name": "option2_name",
    "nombre del atributo 2": "option2_name",
    "attribute 2 value s": "option2",
    "valor es del atributo 2": "option2",
    "attribute 3 value s": "option3",
    "valor es del atributo 3": "option3",
}
_SPREE = {
    "slug": "slug",
    "sku": "sku",
    "name": "name",
    "description": "description",
    "price": "price",
    "compare at price": "compare_at_price",
    "currency": "currency",
    "status": "status",
    "category1": "category",
    "option1 name": "option1_name",
    "option1 value": "option1",
    "option2 name": "option2_name",
    "option2 value": "option2",
    "image1 src": "pictures",
    "dimensions unit": "length_unit",
    "weight unit": "weight_unit",
    "inventory count": "stock",
}


def folded(heading: str) -> str:
    """Give a name without what people write differently."""
    return " ".join(text.words(heading))


@cache
def _own() -> dict[str, str]:
    names = {}
    for column in TEMPLATE:
        for name in (column.spanish, column.english, *column.others):
            names[folded(name)] = column.field
    for number in range(1, 11):
        for name in ("foto", "imagen", "picture", "image"):
            names[f"{name} {number}"] = "pictures"
    return names


@cache
def _measures() -> dict[str, str]:
    names = {}
    for field, words in _MEASURES.items():
        for unit in WEIGHTS if field == "weight" else LENGTHS:
            names |= {f"{word} {unit}": f"{field}:{unit}" for word in words}
        names |= dict.fromkeys(words, field)
    return names


@cache
def _known(format: str) -> dict[str, str]:
    ours = {folded(name): _NOT_READ for name in (*ERROR_LINE, *ERROR_REASON)}
    theirs = {
        Format.OWN: _own,
        Format.SHOPIFY: lambda: _SHOPIFY,
        Format.WOOCOMMERCE: lambda: _WOOCOMMERCE,
        Format.SPREE: lambda: _SPREE,
    }[Format(format)]()
    return {**_measures(), **theirs, **ours}


def format_of(headings: Sequence[str]) -> Format:
    """Say whose table this is, by the names of its columns."""
    names = set(map(folded, headings))
    if names & {"handle", "url handle"} and {"title", "option1 name"} <= names:
        return Format.SHOPIFY
    if names & {"type", "tipo"} and names & {"regular price", "precio normal"}:
        return Format.WOOCOMMERCE
    if {"slug", "option1 value"} <= names and names & {
        "image1 src",
        "inventory count",
        "category1",
    }:
        return Format.SPREE
    return Format.OWN


def recognised(headings: Sequence[str]) -> int:
    """Say how many of these names we know."""
    known = _known(format_of(headings))
    return sum(1 for heading in headings if folded(str(heading)) in known)


def fields_of(headings: Sequence[str], format: str) -> list[str]:
    """Give the field that each column holds, "" for one that is not read, or raise BadFile."""
    known = _known(format)
    fields: list[str] = []
    first: dict[str, str] = {}
    for heading in headings:
        field = known.get(folded(heading), "")
        fields.append("" if field == _NOT_READ else field)
        # The unit does not tell two columns of weights apart.
        name = field.partition(":")[0]
        if name in ("", _NOT_READ, "pictures"):
            continue
        if name in first:
            raise BadFile("equal_columns", first=first[name], second=heading)
        first[name] = heading
    if not {"sku", "name", "slug"} & set(fields):
        raise BadFile("missing_columns")
    return fields


def is_ours(heading: str) -> bool:
    """Say whether we added this column to a file of errors."""
    return folded(heading) in {folded(name) for name in (*ERROR_LINE, *ERROR_REASON)}


# What other programs say in columns of their own, beside the field of ours that it becomes.
_BECOMES = {
    "sale_price": "price",
    "categories": "category",
    "other_category": "category",
    "status": "is_active",
    "picture_description": "pictures",
    "variant_picture": "pictures",
    "weight_unit": "weight",
    "length_unit": "length",
    "option3": "option2",
    "kind": "variant_name",
    "parent": "variant_name",
    "id": "variant_name",
}


def label(field: str, language: str) -> str:
    """Give the name that our template has for a field."""
    name = _BECOMES.get(field, field).partition(":")[0]
    named = next(column for column in TEMPLATE if column.field.partition(":")[0] == name)
    return named.spanish if language == "es" else named.english
