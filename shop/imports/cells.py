"""What a cell says: amounts as people and machines write them, measures, yes and no, cleaned HTML.

Every reader gives a value, or None for an empty cell, or raises Wrong with what to change.
"""

import html
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

import nh3
from django.core.exceptions import ValidationError
from django.utils.text import slugify

from config.lib import money, spreadsheets
from config.lib import text as words_of
from config.lib.fields import validate_line, validate_paragraph

from ..models.catalogue import HIGHEST_PRICE, Variant
from . import columns
from .files import Cell
from .reasons import Wrong

MOST_PIECES = 1_000_000
_HEAVIEST, _LONGEST_SIDE = 1_000_000, 1_000
_DEEPEST = 6
_MOST_PICTURES = 20
# What spreadsheets show where a formula failed, in English and Spanish.
_ERRORS = re.compile(r"#(?:N/A|N/D|REF!|¡REF!|VALUE!|¡VALOR!|DIV/0!|¡DIV/0!|NAME\?|¿NOMBRE\?|NUM!)")
_TAGS = {"p", "br", "ul", "ol", "li", "strong", "b", "em", "i", "h3", "h4"}
_HAS_TAGS = re.compile(r"</?[a-z][^<>]*>|<!--", re.IGNORECASE)
_HAS_OURS = re.compile(r"</?(?:p|br|ul|ol|li|strong|b|em|i|h3|h4)\b[^>]*>", re.IGNORECASE)
# These end a line as a paragraph does.
_BLOCKS = re.compile(
    r"<(/?)(?:div|section|article|header|footer|tr|table|blockquote|pre|h[1256]|dl|dt|dd)\b[^>]*>",
    re.IGNORECASE,
)
_EMPTY = re.compile(r"<p>(?:\s|&nbsp;|<br>)*</p>")
_YES = {"si", "yes", "true", "verdadero", "1", "x", "active", "activo", "activa", "published"}
_YES |= {"publicado", "publicada", "y", "s", "on"}
_NO = {"no", "false", "falso", "0", "1 0", "draft", "borrador", "archived", "inactive", "inactivo"}
_NO |= {"inactiva", "n", "off", "oculto", "hidden", "unlisted"}
_TAXES = {"19": "iva19", "iva19": "iva19", "general": "iva19", "5": "iva5", "iva5": "iva5"}
_TAXES |= {"reducido": "iva5", "reduced": "iva5", "0": "exempt", "exento": "exempt"}
_TAXES |= {
    "019": "iva19",
    "005": "iva5",
    "exempt": "exempt",
    "excluido": "excluded",
    "excluded": "excluded",
}
_SIGNS = {"US$": "USD", "USD$": "USD", "S/": "PEN", "€": "EUR", "$": ""}


# Rows of one product say the same again and again.
_remembered = lru_cache(maxsize=4096, typed=True)


def text(cell: Cell) -> str:
    """Give a cell as text, without what only protects it from becoming a formula."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if not isinstance(cell, str):
        return str(cell)
    found = spreadsheets.text_of(cell).strip()
    if found.startswith("#") and _ERRORS.fullmatch(found):
        raise Wrong("error_cell", text=found)
    return found


def line(cell: Cell, most: int) -> str | None:
    """One line of text; line breaks become spaces."""
    found = " ".join(text(cell).split())
    return _fitting(found, most, validate_line) if found else None


def paragraphs(cell: Cell, most: int) -> str | None:
    """Text with line breaks; of HTML only lists, bold and paragraphs are kept."""
    found = text(cell).replace("\r\n", "\n").replace("\r", "\n")
    if not found:
        return None
    if "<" in found and _HAS_TAGS.search(found):
        found = clean_html(found)
    return _fitting(found, most, validate_paragraph) if found else None


def as_read(written: str) -> str:
    """Give a text that stands in the shop as a cell with it would be read."""
    return clean_html(written) if "<" in written and _HAS_TAGS.search(written) else written


def clean_html(written: str) -> str:
    """Give harmless HTML of a few tags, or plain text when none of those is in it."""
    blocks = _BLOCKS.sub(r"<\1p>", written)
    cleaned = nh3.clean(blocks, tags=_TAGS, attributes={}).strip()
    while _EMPTY.search(cleaned):
        cleaned = _EMPTY.sub("", cleaned).strip()
    if _HAS_OURS.search(cleaned):
        return cleaned
    plain = html.unescape(cleaned).strip()
    # What only looked escaped must not become HTML now.
    return cleaned if _HAS_TAGS.search(plain) else plain


def without_tags(written: str) -> str:
    """Give what HTML says as one line of plain text."""
    if "<" in written:
        written = html.unescape(nh3.clean(written, tags=set()))
    return " ".join(written.split())


def joined(first: str, second: str) -> str:
    """Give two texts as one; when one of them is HTML, both are."""
    if _HAS_OURS.search(first + second):
        return f"{words_of.to_html(first)}{words_of.to_html(second)}"
    return f"{first}\n\n{second}"


def _fitting(found: str, most: int, validate) -> str:
    if len(found) > most:
        raise Wrong("too_long", most=most)
    try:
        validate(found)
    except ValidationError:
        raise Wrong("hidden") from None
    return found


@_remembered
def slug(cell: Cell) -> str | None:
    found = text(cell)
    if not found:
        return None
    made = slugify(words_of.without_accents(found))
    if not made or len(made) > 150:
        raise Wrong("bad_slug", text=found[:60])
    return made


@_remembered
def flag(cell: Cell) -> bool | None:
    found = text(cell)
    if not found:
        return None
    word = " ".join(words_of.words(found))
    if word in _YES:
        return True
    if word in _NO or found == "-1":
        return False
    raise Wrong("not_yes_or_no", text=found[:60])


@_remembered
def tax(cell: Cell) -> str | None:
    found = text(cell)
    if not found:
        return None
    word = "".join(words_of.words(found)).removeprefix("iva")
    if word not in _TAXES:
        raise Wrong("unknown_tax", text=found[:60])
    return Variant.TaxCategory(_TAXES[word])


def path(cell: Cell) -> list[str] | None:
    """A category with those it stands in: "Aceites > Esenciales" is two names."""
    found = line(cell, 1_000)
    if found is None:
        return None
    names = [name.strip() for name in re.split(r"\s*(?:->|>|›|»|→)\s*", found)]
    names = [name for name in names if name]
    if len(names) > _DEEPEST:
        raise Wrong("deep_category", most=_DEEPEST - 1)
    for name in names:
        _fitting(name, 80, validate_line)
    return names or None


def names(cell: Cell, most: int) -> list[str] | None:
    """Names between bars, semicolons or commas, whichever of them comes first in this order."""
    found = line(cell, 2_000)
    if found is None:
        return None
    mark = next((mark for mark in "|;" if mark in found), ",")
    parts = [part.strip() for part in found.split(mark)]
    return [_fitting(part, most, validate_line) for part in dict.fromkeys(parts) if part]


def addresses(cell: Cell) -> list[str]:
    """Addresses of pictures, between spaces, lines or commas."""
    found = []
    for part in re.split(r"[\s|;]+|,(?=\s*https?://)", text(cell)):
        if not part:
            continue
        if not re.fullmatch(r"https?://[^\s\x00-\x1f]{3,1900}", part):
            raise Wrong("not_an_address", text=part[:60])
        found.append(part)
    if len(found) > _MOST_PICTURES:
        raise Wrong("too_much", text=str(len(found)), most=_MOST_PICTURES)
    return list(dict.fromkeys(found))


# --- Numbers --------------------------------------------------------------------------------------


@_remembered
def number(cell: Cell, *, by_machine: bool = False) -> Decimal | None:
    """A number that is no price: 1.200 is a thousand and two hundred for people of Colombia."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return Decimal(repr(cell))
    found = text(cell)
    if not found:
        return None
    sign, digits = (-1, found[1:]) if found.startswith(("-", "−")) else (1, found)
    read = _digits(re.sub(r"[\s\u00a0']", "", digits), by_machine=by_machine)
    if read is None:
        raise Wrong("not_a_number", text=found[:60])
    return sign * read[0]


def pieces(cell: Cell, *, by_machine: bool = False) -> int | None:
    """A whole number of pieces."""
    found = number(cell, by_machine=by_machine)
    if found is None:
        return None
    if found < 0:
        raise Wrong("negative", text=text(cell)[:60])
    if found != int(found):
        raise Wrong("fraction", text=text(cell)[:60])
    if found > MOST_PIECES:
        raise Wrong("too_much", text=text(cell)[:60], most=MOST_PIECES)
    return int(found)


@_remembered
def measure(cell: Cell, unit: str, *, is_weight: bool, by_machine: bool) -> int | None:
    """A weight in grams or a length in centimetres, rounded."""
    units = columns.WEIGHTS if is_weight else columns.LENGTHS
    # Without thousands marks: nothing that a parcel holds has thousands of kilos.
    found = number(cell, by_machine=by_machine or unit not in ("g", ""))
    if found is None:
        return None
    if found < 0:
        raise Wrong("negative", text=text(cell)[:60])
    factor = units.get(words_of.without_accents(unit) or ("g" if is_weight else "cm"))
    if factor is None:
        raise Wrong("unknown_unit", text=unit[:20])
    most = _HEAVIEST if is_weight else _LONGEST_SIDE
    value = (found * Decimal(str(factor))).quantize(Decimal(1), ROUND_HALF_UP)
    if value > most:
        raise Wrong("too_much", text=text(cell)[:60], most=most)
    return int(value)


def price(
    cell: Cell, currency: str, *, by_machine: bool, is_sure: bool = False
) -> tuple[Decimal, str] | None:
    """An amount and the currency that the cell itself names ("" for none).

    Whoever is sure of the currency may have few of it, with decimals.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        amount, named = Decimal(repr(cell)), ""
    else:
        found = text(cell)
        if not found:
            return None
        amount, named = _typed_price(found, currency, by_machine=by_machine, is_sure=is_sure)
    if amount < 0:
        raise Wrong("negative", text=text(cell)[:60])
    if amount * 100 > HIGHEST_PRICE:
        raise Wrong("too_much", text=text(cell)[:60], most=money.label(HIGHEST_PRICE, currency))
    return amount, named


@_remembered
def _typed_price(
    found: str, currency: str, *, by_machine: bool, is_sure: bool
) -> tuple[Decimal, str]:
    wrong = Wrong("not_a_price", text=found[:60], example=money.typed(2_490_000, currency))
    parts = re.fullmatch(
        r"(-|−)?\s*([A-Za-z]{0,3}\$|[A-Za-z]{3}|S/|€)?\s*(-|−)?\s*([\d.,'\s\u00a0]+?)\s*"
        r"([A-Za-z]{3}|€|\$)?",
        found,
    )
    if parts is None:
        raise wrong
    minus, before, inner_minus, digits, after = parts.groups()
    named = before or after or ""
    named = _SIGNS.get(named.upper(), named.upper().rstrip("$"))
    if named and named not in money.CURRENCIES:
        raise wrong
    read = _digits(re.sub(r"[\s\u00a0']", "", digits), by_machine=by_machine)
    if read is None:
        raise wrong
    amount, is_short = read
    # "24.90" could be a slip for "24.900": of pesos nobody writes so few. No money has three.
    in_doubt = is_short and not (by_machine or is_sure) and money.smallest(named or currency) == 100
    if in_doubt or amount.as_tuple().exponent < -2:
        raise wrong
    return (-amount if minus or inner_minus else amount), named


def _digits(digits: str, *, by_machine: bool) -> tuple[Decimal, bool] | None:
    """Give a number as written with points and commas, and whether its decimals are in doubt."""
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return (Decimal(digits), False) if digits.isascii() and digits.isdigit() else None
    mark, other = digits[last], "," if digits[last] == "." else "."
    whole, rest = digits[:last], digits[last + 1 :]
    is_grouped = other in whole
    # Three digits behind the only kind of mark are thousands to a person; a machine has none.
    if not is_grouped and (mark in whole or (len(rest) == 3 and whole != "0" and not by_machine)):
        parts = [*whole.split(mark), rest]
        if not _are_thousands(parts):
            return None
        return Decimal("".join(parts)), False
    if is_grouped and not _are_thousands(whole.split(other)):
        return None
    plain = whole.replace(other, "") or "0"
    if not (plain + rest).isascii() or not (plain + (rest or "0")).isdigit():
        return None
    is_short = not is_grouped and len(plain) <= 3 and 0 < len(rest) < 3
    try:
        return Decimal(f"{plain}.{rest or 0}"), is_short
    except InvalidOperation:
        return None


def _are_thousands(parts: list[str]) -> bool:
    first, *groups = parts
    return (
        1 <= len(first) <= 3
        and all(len(group) == 3 for group in groups)
        and all(part.isascii() and part.isdigit() for part in parts)
    )
