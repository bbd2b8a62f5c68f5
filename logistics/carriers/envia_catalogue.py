"""What Envia.com knows of Colombia: its carriers, their services, its letters for departments."""

from config.lib.errors import ProviderRefused, ProviderUnavailable
from config.lib.memory import Memory
from config.lib.text import words

from ..models import CarrierAccount
from . import envia_calls as calls
from .base import Place

# These lists change with a release of Envia, not with a day.
_known = Memory(seconds=6 * 3600)
_NAMES = {
    "coordinadora": "Coordinadora",
    "deprisa": "Deprisa",
    "interrapidisimo": "Inter Rapidísimo",
    "servientrega": "Servientrega",
    "tcc": "TCC",
}
# Words that say nothing of which department is meant.
_SILENT = {"de", "del", "la", "las", "los", "y", "d", "c", "dc", "distrito", "capital"}


def codes(written: str) -> list[str]:
    """Give the codes of carriers as a shop wrote them, each once."""
    return list(dict.fromkeys(code.strip() for code in written.split(",") if code.strip()))[:10]


def name(code: str) -> str:
    """Give the name by which people know a carrier."""
    return _NAMES.get(code.lower(), code[:1].upper() + code[1:])


def carriers(account: CarrierAccount) -> set[str]:
    """Give the codes of every carrier there is, in lower case; asked anew, to prove the key."""
    rows = calls.query(account, "/carrier")
    # By which of both names a label is asked for, sources do not agree.
    return {str(row[key]).lower() for row in rows for key in ("name", "endpoint") if row.get(key)}


def services_with_cash(account: CarrierAccount, *, seconds: float) -> set[tuple[str, str]]:
    """Give the services that collect cash at the door; none while Envia does not say."""

    def read(_key):
        return {
            (str(row.get("carrier_name") or "").lower(), str(row.get("name") or "").lower())
            for row in calls.query(account, "/service", seconds=seconds)
            if str(row.get("cash_on_delivery")) == "1"
        }

    try:
        return _known.get(("services", account.is_live), read)
    except (ProviderUnavailable, ProviderRefused):
        return set()


def letters(account: CarrierAccount, place: Place, *, seconds: float | None = None) -> str:
    """Give Envia's two letters for a department.

    Its two lists differ in five of them, and a wrong letter sends a parcel elsewhere without an
    error: so none stands here, and the list that is right for labels is asked (carriers.md §4).
    """

    def read(_key):
        return {
            _telling(str(row.get("name") or "")): str(row.get("code_2_digits") or "").upper()
            for row in calls.query(account, "/state", seconds=seconds)
        }

    known = _known.get(("states", account.is_live), read)
    asked = _telling(place.department)
    # "Distrito Capital" has no telling word of its own.
    found = known.get(asked) or (known.get(frozenset()) if asked == {"bogota"} else None)
    if not found and asked:
        # "San Andrés y Providencia" is the archipelago; "Cauca" is not "Valle del Cauca".
        longer = [code for told, code in known.items() if len(told) > 1 and told <= asked]
        found = longer[0] if len(longer) == 1 else None
    if not found:
        raise ProviderRefused(f"Envia names no department like {place.department}", code="state")
    return found


def _telling(department: str) -> frozenset[str]:
    return frozenset(words(department)) - _SILENT
