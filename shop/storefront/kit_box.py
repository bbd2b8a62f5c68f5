"""What lies in a kit, as its product's page shows it."""

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config.lib import money
from config.lib.skeletons import Skeleton

from .. import addresses, kits
from ..models import Organization
from ..pictures import rendition
from . import browsing

_kit = Skeleton("shop/_kit.html")
_part = Skeleton("shop/_kit_part.html")

# The parts of `variant` when it is a kit, as JSON; a product that nobody may see has no link.
INSIDE = f"""CASE WHEN variant.kit_stock <> '' THEN (
    SELECT jsonb_agg(jsonb_build_object(
        'quantity', inside.quantity, 'name', named.name, 'slug', named.slug, 'sku', part.sku,
        'label', {kits.LABEL.format("part")}, 'price', part.price, 'cover', named.cover,
        'is_visible', EXISTS (
            SELECT 1 FROM shop_product WHERE id = part.product_id AND {browsing.VISIBLE})
    ) ORDER BY inside.position, inside.id)
    FROM shop_kitpart AS inside
    JOIN shop_variant AS part ON part.id = inside.part_id
    JOIN shop_product AS named ON named.id = part.product_id
    WHERE inside.kit_id = variant.id
) END"""  # noqa: S608 - constants of ours


def html(organization: Organization, variants: list[dict], *, chosen: str) -> SafeString:
    """Give what lies in each of the variants that is a kit; only the chosen one's is shown."""
    return _kit.join(
        {
            "sku": variant["sku"],
            "is_chosen": variant["sku"] == chosen,
            "parts": _part.join(_words(part) for part in variant["kit"]),
            "singly": _singly(organization, variant),
        }
        for variant in variants
        if variant["kit"]
    )


def _words(part: dict) -> dict:
    shown = rendition(part["cover"])
    return {
        "url": _address(part) if part["is_visible"] else "",
        "name": part["name"],
        "label": part["label"],
        "quantity": str(part["quantity"]),
        "is_several": part["quantity"] > 1,
        "picture_src": shown.src if shown else "",
    }


def _address(part: dict) -> str:
    """Lead to the very variant that lies in the kit."""
    page = addresses.product(part["slug"])
    return addresses.with_query(page, [("variante", part["sku"])] if part["label"] else [])


def _singly(organization: Organization, variant: dict) -> str:
    """Say what the parts cost one by one, when that is more."""
    singly = sum(part["price"] * part["quantity"] for part in variant["kit"])
    if singly <= variant["price"]:
        return ""
    return _("One by one they cost %(price)s.") % {
        "price": money.label(singly, organization.currency)
    }
