"""Money as people read it; everywhere else it is an integer of minor units (centavos)."""

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
