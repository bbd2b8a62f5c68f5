"""Takes people and secrets out of whatever is about to be written down."""

import re
from collections.abc import Mapping

# A field with one of these in its name is never written, whatever it holds.
_TELLING_NAMES = re.compile(
    r"pass(word|wd|phrase)|secret|token|authori[sz]ation|cookie|api_?key|signature|session_?key"
    r"|csrf|e_?mail|phone|document|address(_|$)|recipient|customer_name|full_name",
    re.IGNORECASE,
)
_UUID = r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}"
# In this order: what is longer comes before what could be a part of it.
_RULES: tuple[tuple[re.Pattern, str], ...] = tuple(
    (re.compile(pattern, flags), written)
    for pattern, flags, written in (
        # PostgreSQL repeats the row it refused.
        (r"^(\s*)(DETAIL|CONTEXT|LINE \d+):.*$", re.MULTILINE, r"\1\2: [left out]"),
        (r"(\w+://)[^\s/@:]*:[^\s/@]*@", 0, r"\1[left out]@"),
        (
            r"\b((?:proxy-)?authorization|cookie|set-cookie)(['\"]?\s*[:=]\s*)[^\r\n]+",
            re.IGNORECASE,
            r"\1\2[left out]",
        ),
        (r"\b(Bearer|Basic|Token)\s+[\w.~+/=-]{8,}", re.IGNORECASE, r"\1 [left out]"),
        (
            r"\b(\w*(?:password|secret|token|api_?key|signature|csrf\w*))(['\"]?\s*[:=]\s*['\"]?)"
            r"[^\s'\"&,;)}\]]+",
            re.IGNORECASE,
            r"\1\2[left out]",
        ),
        (r"\?[^\s'\"<>]*=[^\s'\"<>]*", 0, "?[left out]"),
        (r"(/(?:pedidos|enlace|relevo|confirmar|nueva|practica/pago)/)[^/\s'\"]+", 0, r"\1[token]"),
        (
            r"\b(?:(?:sk|rk|pk|pub|prv)_(?:test|live|prod)|whsec|(?:test|prod)_(?:integrity|events)"
            r"|re|sk-ant|gAAAA|eyJ)[\w.=-]{8,}",
            0,
            "[key]",
        ),
        (r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+", 0, "[e-mail]"),
        (rf"(?!{_UUID}(?![\w-]))(?<![\w-])(?=[\w-]*[A-Z])[\w-]{{30,}}", re.ASCII, "[token]"),
        (r"(?<![\w-])[0-9a-f]{40,}(?![\w-])", 0, "[token]"),
        # Seven digits or more are a phone, a document, a card or a visitor's address; days, and
        # the addresses of our own network, are not.
        (
            r"(?!\d{4}-\d\d-\d\d)(?!(?:10|127|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d)"
            r"(?<![\w.-])\+?\(?\d(?:[ .()-]{0,2}\d){6,}(?![\w-])",
            0,
            "[number]",
        ),
    )
)


def text(written: str) -> str:
    """Give a text without e-mail addresses, phones, documents, keys and tokens."""
    for pattern, instead in _RULES:
        written = pattern.sub(instead, written)
    return written


def value(name: str, found: object) -> object:
    """Give what may be written under this name."""
    if found is None or isinstance(found, bool | float):
        return found
    if _TELLING_NAMES.search(name):
        return "[left out]"
    if isinstance(found, int):
        return found
    if isinstance(found, Mapping):
        return {str(key): value(str(key), inner) for key, inner in found.items()}
    if isinstance(found, list | tuple | set):
        return [value("", inner) for inner in found]
    return text(found if isinstance(found, str) else str(found))
