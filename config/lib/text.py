"""Words as people type them: folded for comparison, cut for addresses, shown as safe HTML."""

import re
import unicodedata

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

_TAGS = {"p", "br", "ul", "ol", "li", "strong", "b", "em", "i", "h3", "h4"}
_LOOKS_LIKE_HTML = re.compile(r"</?(?:p|br|ul|ol|li|strong|b|em|i|h3|h4)\b[^>]*>", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")


def without_accents(text: str) -> str:
    """Give the text in lower case and without accents: "Jabón" and "JABON" become one."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(mark for mark in decomposed if not unicodedata.combining(mark))


def words(text: str) -> list[str]:
    """Give the words of a text, folded, in order."""
    return _WORD.findall(without_accents(text))


def sound(word: str) -> str:
    """Write a folded word as it sounds in Latin-American Spanish, so that slips look alike.

    b and v, s, z and soft c, ll and y, soft g and j are one sound each; h is silent.
    """
    for pattern, heard in _SOUNDS:
        word = pattern.sub(heard, word)
    return word


_SOUNDS = [
    (re.compile(pattern), heard)
    for pattern, heard in (
        (r"ch", "X"),
        (r"h", ""),
        (r"X", "ch"),
        (r"v|w", "b"),
        (r"c(?=[eiy])|z|x", "s"),
        (r"qu(?=[ei])|q|c(?!h)", "k"),
        (r"gu(?=[ei])", "G"),
        (r"g(?=[ei])", "j"),
        (r"G", "g"),
        (r"ll", "y"),
        (r"(.)\1+", r"\1"),
    )
]


def to_html(text: str) -> SafeString:
    """Show what a merchant wrote: their lists and bold when they used tags, else paragraphs."""
    if _LOOKS_LIKE_HTML.search(text):
        return mark_safe(nh3.clean(text, tags=_TAGS, attributes={}))  # noqa: S308
    paragraphs = re.split(r"\n\s*\n", escape(text.replace("\r\n", "\n")).strip())
    return mark_safe(  # noqa: S308
        "".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in paragraphs if part)
    )


def free_slug(name: str, *, taken: set[str], length: int = 80) -> str:
    """Propose an address for a name that none of the taken ones has."""
    base = slugify(without_accents(name))[:length].strip("-") or "articulo"
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug
