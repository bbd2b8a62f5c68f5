"""An offer as a buyer sees it: on the page of the order, and as a preview in the back-office."""

from config.lib import money
from shop import pictures

from .models import Offer


def context(offer: Offer, currency: str) -> dict:
    """Give picture, name and both prices, ready to print."""
    variant = offer.variant
    return {
        "name": variant.product.name,
        "label": variant.label,
        "picture": pictures.rendition(variant.product.cover),
        "price": money.label(offer.price, currency),
        "before": money.label(variant.price, currency),
        "amount": offer.price,
    }
