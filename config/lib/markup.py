"""Long texts as merchants write them, shown as safe HTML with parts of ours between the words.

Plain lines with a few marks, as in a chat: `## heading`, `- point`, `1. step`, `> quote`,
`**bold**`, `*italic*`, `[words](address)`. Text that was pasted as HTML keeps its headings, lists,
bold and links. A mark such as `[[product:aceite]]` stands for something only the caller knows.
"""

import re
from collections.abc import Callable, Iterator
from html import unescape

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_TAGS = {
    *("p", "br", "ul", "ol", "li", "strong", "b", "em", "i", "h2", "h3", "h4"),
    *("blockquote", "a"),
}
_SCHEMES = {"http", "https", "mailto", "tel"}
_LOOKS_LIKE_HTML = re.compile(
    r"</?(?:p|br|div|ul|ol|li|h[1-6]|blockquote|table)\b[^>]{0,500}>", re.IGNORECASE
)
_MARK = re.compile(r"\[\[\s*(\w{1,20})\s*:\s*([\w./-]{1,200})\s*\]\]")
_MARK_ALONE = re.compile(rf"<p>\s*{_MARK.pattern}\s*(?:<br>)?\s*</p>")
_HEADING = re.compile(r"(#{1,4})\s+(.+?)\s*#*$")
_POINT = re.compile(r"[-*•]\s+(.+)$")
_STEP = re.compile(r"\d{1,3}[.)]\s+(.+)$")
_QUOTE = re.compile(r">\s?(.*)$")
_STARTS = (_HEADING, _POINT, _STEP, _QUOTE)
_LINK = re.compile(r"\[([^\[\]\n]{1,300})\]\(([^\s()\[\]]{1,500})\)")
_BOLD = re.compile(r"\*\*(?=\S)(.{1,500}?)(?<=\S)\*\*")
_ITALIC = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]{1,500}?)(?<=\S)\*(?![\w*])")

# Gives what stands for a mark: its kind, its value, and whether it stands alone in its paragraph.
Parts = Callable[[str, str, bool], SafeString]


def clean(text: str) -> str:
    """Give a text as it may be kept: HTML without what could do harm, plain lines as they are."""
    return _harmless(text) if _LOOKS_LIKE_HTML.search(text) else text


def marks(text: str) -> list[tuple[str, str]]:
    """Give the kind and value of every mark in a text."""
    return [(kind.lower(), value) for kind, value in _MARK.findall(text)]


def to_html(text: str, parts: Parts) -> SafeString:
    """Show a text, with the caller's parts in place of its marks."""
    written = text if _LOOKS_LIKE_HTML.search(text) else "".join(_blocks(text))
    # Cleaned again however it came here; no attribute that is left holds a mark.
    shown = _harmless(written)
    shown = _MARK_ALONE.sub(lambda mark: parts(mark[1].lower(), mark[2], True), shown)
    shown = _MARK.sub(lambda mark: parts(mark[1].lower(), mark[2], False), shown)
    return mark_safe(shown)  # noqa: S308


def plain(text: str) -> str:
    """Give the words of a text alone."""
    shown = to_html(text, lambda _kind, _value, _alone: SafeString(" "))
    return " ".join(unescape(nh3.clean(shown.replace("<", " <"), tags=set())).split())


def _harmless(written: str) -> str:
    return nh3.clean(
        written,
        tags=_TAGS,
        attributes={"a": {"href"}},
        attribute_filter=_without_marks,
        url_schemes=_SCHEMES,
        link_rel="noopener",
    )


def _without_marks(_tag: str, _attribute: str, value: str) -> str | None:
    return None if "[[" in value or "]]" in value else value


def _blocks(text: str) -> Iterator[str]:
    """Write each paragraph, heading, list and quote of plain lines."""
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()):
        yield from _block([line.strip() for line in block.split("\n") if line.strip()])


def _block(lines: list[str]) -> Iterator[str]:
    while lines:
        if heading := _HEADING.match(lines[0]):
            level = max(2, min(4, len(heading[1])))
            yield f"<h{level}>{_inline(heading[2])}</h{level}>"
            lines = lines[1:]
        elif _MARK.fullmatch(lines[0]):
            yield f"<p>{lines[0]}</p>"
            lines = lines[1:]
        else:
            for kind in _POINT, _STEP, _QUOTE, None:
                taken = _taken(lines, kind)
                if taken:
                    yield _written(kind, taken)
                    lines = lines[len(taken) :]
                    break


def _taken(lines: list[str], kind: re.Pattern | None) -> list[str]:
    """Give the lines from the first on that are of one kind; None means an ordinary paragraph."""
    taken = []
    for line in lines:
        if kind is not None:
            found = kind.match(line)
            if not found:
                break
            taken.append(found[1])
        elif taken and (_MARK.fullmatch(line) or any(mark.match(line) for mark in _STARTS)):
            break
        else:
            taken.append(line)
    return taken


def _written(kind: re.Pattern | None, lines: list[str]) -> str:
    if kind in (_POINT, _STEP):
        name = "ul" if kind is _POINT else "ol"
        return f"<{name}>{''.join(f'<li>{_inline(line)}</li>' for line in lines)}</{name}>"
    paragraph = f"<p>{'<br>'.join(_inline(line) for line in lines)}</p>"
    return f"<blockquote>{paragraph}</blockquote>" if kind is _QUOTE else paragraph


def _inline(line: str) -> str:
    written = _LINK.sub(r'<a href="\2">\1</a>', str(escape(line)))
    written = _BOLD.sub(r"<strong>\1</strong>", written)
    return _ITALIC.sub(r"<em>\1</em>", written)
