"""The demo shops as they are written down: TOML for words, CSV for variants."""

import csv
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shop.demo.illustrations import Banner, Illustration

FOLDER = Path(__file__).parent
SHOPS = ("kaiu", "cafe-la-vereda")
_SIZE = re.compile(r"\d+ (?:ml|g)\b")
_WORDS = (
    "name",
    "slug",
    "summary",
    "description",
    "ingredients",
    "how_to_use",
    "tips",
    "certifications",
    "no_withdrawal_reason",
    "marketplace_url",
    "option1_name",
    "option2_name",
)


@dataclass(frozen=True)
class VariantText:
    """A variant's fields, the stock it opens with, what its picture shows, and lies in it."""

    fields: dict
    stock: int
    look: Illustration
    # SKUs with how many of each lie in it: such a kit takes the stock of its parts.
    parts: dict[str, int]


@dataclass(frozen=True)
class ProductText:
    """A product's fields, where it stands, and its variants."""

    fields: dict
    category: str
    benefits: tuple[str, ...]
    is_featured: bool
    is_active: bool
    published_in_days: int | None
    variants: tuple[VariantText, ...]

    @property
    def looks(self) -> list[Illustration]:
        """The different pictures of its variants, in their order."""
        return list(dict.fromkeys(variant.look for variant in self.variants))


@dataclass(frozen=True)
class ShopText:
    """Everything that is written of one shop."""

    slug: str
    organization: dict
    brand: str
    hosts: tuple[str, ...]
    hero: Banner
    benefits: dict[str, str]
    categories: tuple[dict, ...]
    members: tuple[dict, ...]
    customers: tuple[dict, ...]
    products: tuple[ProductText, ...]
    # What demo/content.py writes; the Banner of a post's picture is ready.
    content: dict


def read(slug: str) -> ShopText:
    """Give what is written of the shop with this short name."""
    folder = FOLDER / slug
    written = tomllib.loads((folder / "shop.toml").read_text())
    brand = written["shop"]["brand"]
    return ShopText(
        slug=slug,
        organization={key: value.strip() for key, value in written["organization"].items()},
        brand=brand,
        hosts=tuple(written["shop"]["hosts"]),
        hero=_banner(slug, written["shop"]["hero"], brand),
        benefits=written["benefits"],
        categories=tuple(
            {**category, "banner": _banner(category["slug"], category["banner"], brand)}
            for category in written["categories"]
        ),
        members=tuple(written["members"]),
        customers=tuple(written["customers"]),
        products=tuple(_products(folder, brand)),
        content=_content(folder / "blog.toml", brand),
    )


def _content(path: Path, brand: str) -> dict:
    written = tomllib.loads(path.read_text()) if path.exists() else {}
    for post in written.get("posts", ()):
        post["banner"] = _banner(post["slug"], post["banner"], brand)
    return written


def _products(folder: Path, brand: str) -> Iterator[ProductText]:
    with (folder / "variants.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for path in sorted(folder.glob("*.toml")):
        written = tomllib.loads(path.read_text())
        for product in written.get("products", ()):
            whole = {**written.get("defaults", {}), **product}
            own = [row for row in rows if row["product"] == whole["slug"]]
            yield _product(whole, own, brand)


def _product(written: dict, rows: list[dict], brand: str) -> ProductText:
    first = (rows[0]["option1"], rows[0]["option2"])
    return ProductText(
        fields={key: written.get(key, "").strip() for key in _WORDS},
        category=written["category"],
        benefits=tuple(written.get("benefits", ())),
        is_featured=written.get("featured", False),
        is_active=written.get("active", True),
        published_in_days=written.get("published_in_days"),
        variants=tuple(_variant(written, row, first, brand) for row in rows),
    )


def _variant(written: dict, row: dict, first: tuple[str, str], brand: str) -> VariantText:
    before = row["compare_at_price"]
    return VariantText(
        fields={
            "sku": row["sku"],
            "option1": row["option1"],
            "option2": row["option2"],
            # Written in whole pesos, kept in centavos.
            "price": int(row["price"]) * 100,
            "compare_at_price": int(before) * 100 if before else None,
            "tax_category": row["tax_category"],
            **{
                key: int(row[key]) for key in ("weight_grams", "width_cm", "height_cm", "length_cm")
            },
        },
        stock=int(row["stock"]),
        look=_look(written, row, first, brand),
        parts=written.get("parts", {}).get(row["sku"], {}),
    )


def _look(written: dict, row: dict, first: tuple[str, str], brand: str) -> Illustration:
    choices = (row["option1"], row["option2"])
    kinds = written.get("kinds", {})
    picture = dict(written["picture"])
    for choice in choices:
        picture |= kinds.get(choice, {})
    # A pack of several is shown by one of them, in the size of the first variant.
    size = _SIZE.search(" ".join(choices)) or _SIZE.search(" ".join(first))
    return Illustration(
        seed=written["slug"],
        vessel=picture["vessel"],
        motif=picture["motif"],
        palette=picture["palette"],
        size=size[0] if size else "",
        words=tuple(picture["words"]),
        brand=brand,
    )


def _banner(seed: str, written: dict, brand: str) -> Banner:
    return Banner(
        seed, written["palette"], tuple(written["vessels"]), tuple(written["motifs"]), brand
    )
