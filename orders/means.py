"""By which means a gateway was paid, in the words of people: its own word is CARD or NEQUI."""

from django.utils.translation import gettext as _


def words(method: str) -> str:
    """Give what people call it; a word that we do not know stays as the gateway wrote it."""
    known = {
        "CARD": _("Card"),
        "NEQUI": "Nequi",
        "DAVIPLATA": "Daviplata",
        "PSE": "PSE",
        "BANCOLOMBIA_TRANSFER": _("Bancolombia button"),
        "BANCOLOMBIA_QR": _("Bancolombia QR code"),
        "BANCOLOMBIA_COLLECT": _("Cash at a Bancolombia agent"),
        "PRACTICE": _("Practice"),
    }
    return known.get(method.upper(), method)
