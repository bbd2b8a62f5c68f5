"""Money as people read it; everywhere else it is an integer of minor units (centavos)."""

import re
from functools import lru_cache

# How a currency is written in its country: sign, thousands mark, decimal mark, decimals shown.
# Pesos are never written with centavos in daily life, unless an amount really has them.
_WRITTEN = {
    "COP": ("$", ".", ",", 0),
    "MXN": ("$", ",", ".", 2),
    "PEN": ("S/", ",", ".", 2),
    "CLP": ("$", ".", ",", 0),
    "ARS": ("$", ".", ",", 2),
    "USD": ("US$", ",", ".", 2),
    "EUR": ("€", ".", ",", 2),
}
CURRENCIES = sorted(_WRITTEN)


@lru_cache(maxsize=4096)
def label(amount: int, currency: str) -> str:
    """Write an amount of minor units as its country does: 2490000 COP gives "$ 24.900"."""
    sign, thousands, decimal, decimals = _WRITTEN.get(currency, (currency, ",", ".", 2))
    whole, rest = divmod(abs(amount), 100)
    text = f"{whole:,}".replace(",", thousands)
    if decimals or rest:
        text += f"{decimal}{rest:02d}"
    return f"{'-' if amount < 0 else ''}{sign}\u00a0{text}"


def smallest(currency: str) -> int:
    """Give the least amount that people pay with: a whole peso in Colombia, a cent elsewhere."""
    return 1 if _WRITTEN.get(currency, ("", "", "", 2))[3] else 100


def typed(amount: int, currency: str) -> str:
    """Write an amount as a person would type it, without the sign: 2490000 COP gives "24.900"."""
    return label(amount, currency).partition("\u00a0")[2]


def read(text: str, currency: str) -> int | None:
    """Give the minor units of an amount as a person typed it, or None when it makes no sense.

    With and without thousands marks: in Colombia "24.900", "24900" and "$ 24.900,00" are one
    amount, while "24.90" could be two, so it is none.
    """
    sign, thousands, decimal, _decimals = _WRITTEN.get(currency, (currency, ",", ".", 2))
    text = text.replace("\u00a0", " ").strip()
    for mark in (sign, currency):
        text = text.removeprefix(mark).removesuffix(mark).strip()
    written = re.fullmatch(
        rf"(\d{{1,15}}|\d{{1,3}}(?:{re.escape(thousands)}\d{{3}}){{1,4}})"
        rf"(?:{re.escape(decimal)}(\d{{2}}))?",
        text,
        re.ASCII,
    )
    if written is None:
        return None
    whole, rest = written.groups()
    return int(whole.replace(thousands, "")) * 100 + int(rest or 0)
