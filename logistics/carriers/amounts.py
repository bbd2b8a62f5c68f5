"""Amounts and days as carriers write them: pesos for our centavos, and words for days."""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from config.lib.errors import ProviderUnavailable
from config.lib.text import without_accents

# More than any parcel costs, in pesos.
_MOST_PESOS = 10**10


def centavos(pesos: object, *, carrier: str) -> int:
    """Read pesos exactly, to the centavo; what is no price raises ProviderUnavailable."""
    try:
        # By its digits: 11147.9 is no binary fraction.
        read = Decimal(str(pesos).strip()) if not isinstance(pesos, bool) else Decimal("nan")
    except InvalidOperation:
        read = Decimal("nan")
    if not (read.is_finite() and 0 <= read <= _MOST_PESOS):
        raise ProviderUnavailable(f"{carrier} answered a price that cannot be")
    return int((read * 100).quantize(Decimal(1), ROUND_HALF_UP))


def pesos(centavos: int) -> int | float:
    """Write centavos as pesos, with decimals only where there are any."""
    whole, rest = divmod(centavos, 100)
    return centavos / 100 if rest else whole


def shares(whole: int, count: int) -> list[int]:
    """Give an amount in so many parts of whole pesos that add up to it; the first has the rest."""
    part = whole // count // 100 * 100
    return [whole - part * (count - 1), *[part] * (count - 1)]


def days(words: object) -> tuple[int | None, int | None]:
    """Read from how many to how many days, as "1-2 días" or "Día siguiente"; None when unclear."""
    text = without_accents(str(words or ""))
    if "siguiente" in text:
        return 1, 1
    found = [int(number) for number in re.findall(r"\d{1,2}", text)]
    is_days = re.search(r"\bdias?\b|\bdays?\b|^\W*\d{1,2}\W*$", text)
    if not found or not is_days or len(found) > 2:
        return None, None
    return min(found), max(found)
