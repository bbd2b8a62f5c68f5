"""What a shopper who types words gets: matches, corrected words, suggestions."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from config.lib import money

from .. import addresses, content, search
from ..models import Organization
from ..pictures import rendition
from . import browsing, posts, shelves
from .browsing import Page, Selection

_MOST_SUGGESTED = 6
_MOST_POSTS = 2


@dataclass(frozen=True)
class Found:
    """A page of matches, and the selection that found them."""

    selection: Selection
    page: Page
    is_corrected: bool = False


def find(organization: Organization, selection: Selection, *, now: datetime) -> Found:
    """Give what matches all words; else with misspelt words corrected; else any of the words."""
    if not selection.words and not selection.has_filters and selection.shelf is None:
        return Found(selection, Page([], "", ""))
    found = _matching(organization, selection, now=now)
    if found.page.rows or not selection.words or selection.is_exact:
        return found
    nearest = tuple(search.nearest_words(organization, selection.words))
    if nearest != selection.words:
        corrected = _matching(organization, replace(selection, words=nearest), now=now)
        if corrected.page.rows:
            return replace(corrected, is_corrected=True)
    if len(nearest) > 1:
        loose = replace(selection, words=nearest, any_word=True)
        return Found(loose, browsing.page(organization, loose, now=now))
    return found


def _matching(organization: Organization, selection: Selection, *, now: datetime) -> Found:
    """Give products that the words name, when they fill a page; else all that mention them.

    In a large catalogue a common word occurs in the texts of thousands of products; those that
    carry it in their name are what is meant, and are found without reading the others.
    """
    if selection.words and selection.cursor is None and not selection.in_names:
        named = replace(selection, in_names=True)
        page = browsing.page(organization, named, now=now)
        if page.next:
            return Found(named, page)
    return Found(selection, browsing.page(organization, selection, now=now))


def suggestions(organization: Organization, typed: str, *, now: datetime) -> dict:
    """Give the products and categories to offer while somebody types."""
    words = tuple(search.query_words(typed))
    if len("".join(words)) < 2:
        return {"suggestions": []}
    found = find(organization, Selection(typed=typed[: search.LONGEST_QUERY], words=words), now=now)
    folded = " ".join(found.selection.words)
    offered = [
        {"label": shelf.label, "url": shelf.url, "kind_label": _("Category"), "picture": None}
        for shelf in shelves.of(organization).by_id.values()
        if " ".join(search.query_words(shelf.label)).startswith(folded)
    ][:2]
    for row in found.page.rows[:_MOST_SUGGESTED]:
        offered.append(
            {
                "label": row["name"],
                "url": addresses.product(row["slug"]),
                "price_label": money.label(row["listing_price"], organization.currency),
                "picture": rendition(row["cover"]),
            }
        )
    told = content.found(organization, found.selection.words, now=now, most=_MOST_POSTS)
    for row in told:
        offered.append(
            {
                "label": row["title"],
                "url": addresses.post(row["kind"], row["slug"]),
                "kind_label": posts.kind_label(row["kind"]),
                "picture": rendition(row["cover"]),
            }
        )
    return {
        "suggestions": offered,
        "query": typed,
        "all_url": addresses.with_query(addresses.SEARCH, [("q", typed)]) if offered else "",
    }
