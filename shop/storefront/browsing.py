"""Lists of products: filters, sort orders and keyset pages, each list one query.

The query is written by hand because it is the hottest of the shop and because a category with
others inside is read shelf by shelf in the order of an index, which the ORM cannot say. It names
the organization itself, and refuses any other than the one whose scope is open.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils import timezone
from django_scopes import get_scope

from .. import search
from ..models import Organization
from ..models.catalogue import HIGHEST_PRICE
from .shelves import Shelf, Shelves

PAGE_SIZE = 24
# A search ranks this many matches at most: nobody turns so many pages, and ranking costs.
_MOST_RANKED = 720


@dataclass(frozen=True)
class Sort:
    """An order of the list: a column, and the key to tell equal ones apart."""

    column: str
    descending: bool
    read: type  # how the cursor's value is read back


NEWEST, RELEVANT = "novedades", "relevancia"
IN_NAMES = "nombre"
SORTS = {
    NEWEST: Sort("published_at", True, datetime.fromisoformat),
    "precio": Sort("listing_price", False, int),
    "precio-mayor": Sort("listing_price", True, int),
    "nombre": Sort("name", False, str),
}
_BY_RANK = Sort("rank", True, int)


@dataclass(frozen=True)
class Cursor:
    """Where a page starts: behind this value and key, or before it."""

    value: object
    id: UUID
    backwards: bool

    def written(self) -> str:
        value = self.value.isoformat() if isinstance(self.value, datetime) else self.value
        raw = json.dumps([value, str(self.id), int(self.backwards)], separators=(",", ":"))
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


@dataclass(frozen=True)
class Selection:
    """What a visitor asked to see; whatever makes no sense is left out of it."""

    typed: str = ""
    words: tuple[str, ...] = ()
    any_word: bool = False  # one of the words is enough
    is_exact: bool = False  # as typed: no word is corrected
    in_names: bool = False  # the words must name the product, not only occur in its texts
    shelf: Shelf | None = None
    benefits: tuple[str, ...] = ()
    only_available: bool = False
    only_featured: bool = False
    only_offers: bool = False
    minimum: int | None = None  # whole units of the currency, as typed
    maximum: int | None = None
    sort: str = ""
    cursor: Cursor | None = None

    @property
    def order(self) -> Sort:
        return SORTS.get(self.sort) or (_BY_RANK if self.words else SORTS[NEWEST])

    @property
    def has_filters(self) -> bool:
        return bool(
            self.benefits
            or self.only_available
            or self.only_offers
            or self.minimum is not None
            or self.maximum is not None
        )


@dataclass(frozen=True)
class Page:
    """One page of a list, with the cursors of its neighbours."""

    rows: list[dict]
    next: str
    previous: str


def read_selection(parameters: Mapping, shelves: Shelves, *, shelf: Shelf | None = None):
    """Read a selection from an address; unknown values are as if they were not there."""
    typed = " ".join(parameters.get("q", "").replace("\x00", " ").split())
    words = tuple(search.query_words(typed))
    wanted = parameters.getlist("beneficio")
    selection = Selection(
        typed=typed[: search.LONGEST_QUERY],
        words=words,
        is_exact=parameters.get("exacto") == "1",
        in_names=bool(words) and parameters.get("donde") == IN_NAMES,
        shelf=shelf or shelves.by_slug.get(parameters.get("categoria", "")),
        benefits=tuple(slug for slug in dict.fromkeys(wanted) if slug in shelves.benefits),
        only_available=parameters.get("disponible") == "1",
        only_offers=parameters.get("oferta") == "1",
        minimum=_whole(parameters.get("min", "")),
        maximum=_whole(parameters.get("max", "")),
        sort=parameters["orden"] if parameters.get("orden") in SORTS else "",
    )
    return replace(selection, cursor=read_cursor(parameters.get("desde", ""), selection.order))


def _whole(typed: str) -> int | None:
    """Read a price as people type it: "24.900", "$ 24 900"."""
    digits = "".join(mark for mark in typed if mark.isascii() and mark.isdigit())
    return int(digits) if digits and int(digits[:12]) * 100 <= HIGHEST_PRICE else None


def read_cursor(written: str, order: Sort) -> Cursor | None:
    if not written or len(written) > 600:
        return None
    try:
        padded = written + "=" * (-len(written) % 4)
        value, key, backwards = json.loads(base64.urlsafe_b64decode(padded))
        value = order.read(value)
        if isinstance(value, int) and abs(value) > HIGHEST_PRICE:
            return None
        if isinstance(value, str) and "\x00" in value:
            return None
        if isinstance(value, datetime) and value.tzinfo is None:
            return None
        return Cursor(value, UUID(key), bool(backwards))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


# What a card of a list shows (see cards.html).
COLUMNS = (
    "id, slug, name, summary, listing_price, listing_compare_at_price, has_several_prices, "
    "is_available, is_low, cover, published_at"
)
_NAMES = tuple(COLUMNS.split(", "))
# What a shopper may see now: the condition of Product.objects.visible(), for SQL with %(now)s.
VISIBLE = (
    "is_active AND listing_price IS NOT NULL AND published_at <= %(now)s "
    "AND (withdrawn_at IS NULL OR withdrawn_at > %(now)s)"
)


def page(organization: Organization, selection: Selection, *, size: int = PAGE_SIZE, now=None):
    """Give one page of the products a visitor selected, in one query."""
    if get_scope().get("organization") != organization:
        raise ValueError("A list of another organization was asked for.")
    order, cursor = selection.order, selection.cursor
    backwards = cursor is not None and cursor.backwards
    # One more than a page tells whether there is another.
    parameters = {
        "now": now or timezone.now(),
        "organization": organization.pk,
        "size": size + 1,
        "minimum": None if selection.minimum is None else selection.minimum * 100,
        "maximum": None if selection.maximum is None else selection.maximum * 100,
        "benefits": list(selection.benefits),
        "most": _MOST_RANKED,
    }
    descending = order.descending is not backwards
    ordered = "ORDER BY {0} {1}, id {1}".format(order.column, "DESC" if descending else "ASC")
    behind = ""
    if cursor is not None:
        parameters.update(value=cursor.value, id=cursor.id)
        comparison = "<" if descending else ">"
        behind = f"({order.column}, id) {comparison} (%(value)s, %(id)s)"
    sql = _statement(organization, selection, parameters, ordered=ordered, behind=behind)
    with connection.cursor() as database:
        database.execute(sql, parameters)
        # Known beforehand: asking the cursor for them costs as much as a small query.
        names = (*_NAMES, "rank") if order is _BY_RANK else _NAMES
        rows = [dict(zip(names, row, strict=True)) for row in database.fetchall()]
    has_more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    has_next, has_previous = (True, has_more) if backwards else (has_more, cursor is not None)
    return Page(
        rows,
        next=_cursor_at(rows[-1], order, backwards=False) if rows and has_next else "",
        previous=_cursor_at(rows[0], order, backwards=True) if rows and has_previous else "",
    )


def _cursor_at(row: dict, order: Sort, *, backwards: bool) -> str:
    return Cursor(row[order.column], row["id"], backwards).written()


def _statement(organization, selection: Selection, parameters: dict, *, ordered, behind) -> str:
    """Write the query: by rank when words are searched, else along an index."""
    filters = [VISIBLE]
    if selection.only_available:
        filters.append("is_available")
    if selection.only_featured:
        filters.append("is_featured")
    if selection.only_offers:
        filters.append("listing_compare_at_price IS NOT NULL")
    if selection.minimum is not None:
        filters.append("listing_price >= %(minimum)s")
    if selection.maximum is not None:
        filters.append("listing_price <= %(maximum)s")
    if selection.benefits:
        filters.append("benefit_slugs @> %(benefits)s::varchar[]")
    shelves = [shelf.id for shelf in selection.shelf.with_descendants()] if selection.shelf else []
    parameters["shelves"] = shelves
    if selection.words:
        return _search_statement(organization, selection, parameters, filters, ordered, behind)
    if behind:
        filters.append(behind)
    limited = f"{ordered} LIMIT %(size)s"
    if len(shelves) > 1:
        # Each shelf gives its first rows along its index; the best of those are the page.
        return (
            f"SELECT {COLUMNS} FROM unnest(%(shelves)s::uuid[]) AS shelf (shelf_id) "  # noqa: S608
            f"CROSS JOIN LATERAL (SELECT {COLUMNS} FROM shop_product "
            "WHERE category_id = shelf_id AND organization_id = %(organization)s "
            f"AND {' AND '.join(filters)} {limited}) AS first_of_shelf {limited}"
        )
    if shelves:
        filters.append("category_id = %(shelf)s")
        parameters["shelf"] = shelves[0]
    return (
        f"SELECT {COLUMNS} FROM shop_product WHERE organization_id = %(organization)s "  # noqa: S608
        f"AND {' AND '.join(filters)} {limited}"
    )


def _search_statement(organization, selection, parameters, filters, ordered, behind) -> str:
    parameters["query"] = search.written(selection.words, every=not selection.any_word)
    parameters["configuration"] = search.CONFIGURATIONS[organization.language]
    vector = "name_search" if selection.in_names else "search"
    query = "to_tsquery(%(configuration)s::regconfig, %(query)s)"
    filters = ["organization_id = %(organization)s", f"{vector} @@ {query}", *filters]
    if parameters["shelves"]:
        filters.append("category_id = ANY(%(shelves)s::uuid[])")
    if selection.order is not _BY_RANK:
        filters += [behind] if behind else []
        where = " AND ".join(filters)
        return f"SELECT {COLUMNS} FROM shop_product WHERE {where} {ordered} LIMIT %(size)s"  # noqa: S608
    rank = f"(ts_rank({vector}, {query}) * 1000000)::int + is_available::int * 200000"
    return (
        f"SELECT {COLUMNS}, rank FROM (SELECT {COLUMNS}, {rank} AS rank FROM shop_product "  # noqa: S608
        f"WHERE {' AND '.join(filters)} LIMIT %(most)s) AS found "
        f"{f'WHERE {behind}' if behind else ''} {ordered} LIMIT %(size)s"
    )
