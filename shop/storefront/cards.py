"""Products as a list shows them: every label ready, because templates are slow in loops."""

from datetime import datetime, timedelta

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config.lib import money
from config.lib.skeletons import Skeleton

from .. import addresses
from ..pictures import rendition

# Pictures of the first screen are loaded at once, those further down when they come near.
_EAGER = 4
_NEW_FOR = timedelta(days=30)

_card = Skeleton("components/card.html")


def html(rows: list[dict], *, currency: str, now: datetime, eager: int = _EAGER) -> SafeString:
    """Give the cards of these rows of a list (see browsing.page), ready to print."""
    starting_at, sold_out, low = _("From"), _("Sold out"), _("Last units")
    new, offer = _("New"), _("Offer")
    newer = now - _NEW_FOR
    cards = []
    for place, row in enumerate(rows):
        before, is_available = row["listing_compare_at_price"], row["is_available"]
        if not is_available:
            badge, kind = sold_out, "soldout"
        elif before:
            badge, kind = offer, "offer"
        elif row["published_at"] > newer:
            badge, kind = new, "new"
        else:
            badge, kind = "", ""
        shown = rendition(row["cover"])
        cards.append(
            {
                "url": addresses.product(row["slug"]),
                "name": row["name"],
                "summary": row["summary"],
                "price_label": money.label(row["listing_price"], currency),
                "compare_at_label": money.label(before, currency) if before else "",
                "from_label": starting_at if row["has_several_prices"] else "",
                "picture_src": shown.src if shown else "",
                "picture_srcset": shown.srcset if shown else "",
                "picture_width": shown.width if shown else "",
                "picture_height": shown.height if shown else "",
                "badge": badge,
                "badge_kind": kind,
                "is_available": is_available,
                "availability_label": low if is_available and row["is_low"] else "",
                "is_lazy": place >= eager,
                "key": str(row["id"]),
            }
        )
    return _card.join(cards)
