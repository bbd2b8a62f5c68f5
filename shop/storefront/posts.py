"""Lists of articles and rituals: what a visitor may read now, the newest first."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.lib.skeletons import Skeleton

from .. import addresses
from ..models import Post
from ..pictures import rendition
from . import browsing
from .browsing import Cursor

PAGE_SIZE = 12
_FIELDS = (
    "id",
    "kind",
    "slug",
    "title",
    "summary",
    "cover",
    "minutes",
    "published_at",
    "category__name",
)
_card = Skeleton("components/post_card.html")
_ORDER = browsing.SORTS[browsing.NEWEST]


@dataclass(frozen=True)
class PostPage:
    """One page of a list, with the cursors of its neighbours."""

    rows: list[dict]
    next: str = ""
    previous: str = ""


def page(posts, written_cursor: str, *, now: datetime, size: int = PAGE_SIZE) -> PostPage:
    """Give one page of these posts in one query."""
    cursor = browsing.read_cursor(written_cursor, _ORDER)
    backwards = cursor is not None and cursor.backwards
    posts = posts.visible(now)
    if cursor is not None:
        side = "gt" if backwards else "lt"
        posts = posts.filter(
            Q(**{f"published_at__{side}": cursor.value})
            | Q(published_at=cursor.value, **{f"id__{side}": cursor.id})
        )
    sign = "" if backwards else "-"
    rows = list(posts.order_by(f"{sign}published_at", f"{sign}id").values(*_FIELDS)[: size + 1])
    has_more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_next, has_previous = (True, has_more) if backwards else (has_more, cursor is not None)
    return PostPage(
        rows,
        next=_cursor_at(rows[-1], backwards=False) if rows and has_next else "",
        previous=_cursor_at(rows[0], backwards=True) if rows and has_previous else "",
    )


def _cursor_at(row: dict, *, backwards: bool) -> str:
    return Cursor(row["published_at"], row["id"], backwards).written()


def newest(kind: str, *, now: datetime, most: int) -> list[dict]:
    """Give the newest of one kind, or of both when it is empty."""
    posts = Post.objects.filter(kind=kind) if kind else Post.objects.all()
    return page(posts, "", now=now, size=most).rows


def cards(rows: list[dict], *, eager: int = 0) -> SafeString:
    """Give the cards of these rows, ready to print."""
    made = []
    for place, row in enumerate(rows):
        shown = rendition(row["cover"])
        made.append(
            {
                "url": addresses.post(row["kind"], row["slug"]),
                "title": row["title"],
                "summary": row["summary"],
                "eyebrow": row.get("category__name") or kind_label(row["kind"]),
                "date_label": date_label(row["published_at"]),
                "minutes_label": minutes_label(row.get("minutes")),
                "picture_src": shown.src if shown else "",
                "picture_srcset": shown.srcset if shown else "",
                "picture_width": shown.width if shown else "",
                "picture_height": shown.height if shown else "",
                "is_lazy": place >= eager,
            }
        )
    return _card.join(made)


def kind_label(kind: str) -> str:
    return _("Ritual") if kind == Post.Kind.RITUAL else _("Article")


def date_label(at: datetime) -> str:
    """Give the day in the shop's time zone."""
    return date_format(timezone.localtime(at), "DATE_FORMAT")


def minutes_label(minutes: int | None) -> str:
    return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes} if minutes else ""
