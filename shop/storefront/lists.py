"""Lists as pages show them: filters, sort orders and pages as plain links."""

from datetime import datetime
from urllib.parse import quote

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.lib import money
from config.lib.skeletons import Skeleton

from .. import addresses, page_cache
from ..models import Organization
from . import browsing, cards, shelves
from .browsing import SORTS, Page, Selection

VIEWS = ("grid", "list")
_choice = Skeleton("shop/_choice.html")
_pick = Skeleton("shop/_pick.html")
_active_filter = Skeleton("shop/_active_filter.html")
_view_switch = Skeleton("shop/_view_switch.html")
_chip = Skeleton("components/chip.html")
_hidden = Skeleton("components/hidden_field.html")
# Filters that many visitors share; lists by typed words or prices are made for one.
_COMMON = {"orden", "desde", "beneficio", "disponible", "oferta"}


def may_be_shared(parameters) -> bool:
    """Say whether a list with these parameters is worth keeping for the next visitor."""
    return set(parameters) <= _COMMON and len(parameters.getlist("beneficio")) <= 1


def breadcrumbs(organization: Organization, shelf_id, label: str) -> list[tuple[str, str]]:
    """Give the way from the home page through the shelves to a page."""
    shelf = shelves.of(organization).by_id.get(shelf_id)
    above = [(above.label, above.url) for above in shelf.path()] if shelf else []
    return [(_("Home"), addresses.HOME), *above, (label, "")]


def context(
    request, selection: Selection, page: Page, *, path: str, now: datetime, typed: str | None = None
) -> dict:
    """Give what a list's page needs around and between its cards."""
    organization = request.organization
    kept = shelves.of(organization)
    shelf = selection.shelf
    links = _Links(selection, path, typed=selection.typed if typed is None else typed)
    view_kind = request.COOKIES.get(page_cache.VIEW_COOKIE)
    view_kind = view_kind if view_kind in VIEWS else "grid"
    on_shelf_page = shelf is not None and path == shelf.url
    heading = shelf.label if on_shelf_page else _("All products")
    trail = (
        [(_("Home"), addresses.HOME), (_("Search"), "")]
        if path == addresses.SEARCH
        else breadcrumbs(organization, shelf.parent_id if on_shelf_page else None, heading)
    )
    children = shelf.children if on_shelf_page else []
    # The next page goes on with the same search; any other link asks anew.
    where = browsing.IN_NAMES if selection.in_names else ""
    return {
        "cards": cards.html(page.rows, currency=organization.currency, now=now),
        "trail": trail,
        "subcategories": _chip.join({"label": each.label, "url": each.url} for each in children),
        "suggestions": _chip.join({"label": each.label, "url": each.url} for each in kept.top),
        "result_label": _result_label(page),
        "filters": _filters(kept, selection, links, with_shelves=not on_shelf_page),
        "active_filters": _active_filters(organization, kept, selection, links, on_shelf_page),
        "clear_url": links.cleared(),
        "sort_choices": _sort_choices(selection, links),
        "sort_label": _sort_labels(selection)[selection.sort or _default_sort(selection)],
        "views": _views(view_kind, links),
        "is_list": view_kind == "list",
        "next_url": links.to(desde=page.next, donde=where) if page.next else "",
        "previous_url": links.to(desde=page.previous, donde=where) if page.previous else "",
        **_price_filter(organization, selection, links),
    }


class _Links:
    """Addresses of the same list with one thing changed; changing anything starts at page one."""

    def __init__(self, selection: Selection, path: str, *, typed: str):
        self.path = path
        self.selection = selection
        shelf = selection.shelf
        self.values = {
            "q": typed,
            "exacto": "1" if selection.is_exact else "",
            "categoria": shelf.slug if shelf and path != shelf.url else "",
            "beneficio": list(selection.benefits),
            "disponible": "1" if selection.only_available else "",
            "oferta": "1" if selection.only_offers else "",
            "min": "" if selection.minimum is None else str(selection.minimum),
            "max": "" if selection.maximum is None else str(selection.maximum),
            "orden": selection.sort,
        }

    def pairs(self, **changes) -> list[tuple[str, str]]:
        pairs = []
        for name, value in {**self.values, **changes}.items():
            pairs += [(name, one) for one in (value if isinstance(value, list) else [value])]
        return [(name, value) for name, value in pairs if value != ""]

    def to(self, **changes) -> str:
        return addresses.with_query(self.path, self.pairs(**changes))

    def cleared(self) -> str:
        return addresses.with_query(self.path, [("q", self.values["q"])])


def _result_label(page: Page) -> str:
    shown = len(page.rows)
    if page.next or page.previous:
        return _("%(n)s products on this page") % {"n": shown}
    return ngettext("%(n)s product", "%(n)s products", shown) % {"n": shown}


def _default_sort(selection: Selection) -> str:
    return browsing.RELEVANT if selection.words else browsing.NEWEST


def _sort_labels(selection: Selection) -> dict[str, str]:
    labels = {browsing.RELEVANT: _("Most relevant")} if selection.words else {}
    return labels | dict(
        zip(
            SORTS,
            (_("Newest"), _("Lowest price"), _("Highest price"), _("Name")),
            strict=True,
        )
    )


def _sort_choices(selection: Selection, links: _Links) -> SafeString:
    default = _default_sort(selection)
    return _choice.join(
        {
            "label": label,
            "url": links.to(orden="" if sort == default else sort),
            "is_current": sort == (selection.sort or default),
        }
        for sort, label in _sort_labels(selection).items()
    )


def _views(view_kind: str, links: _Links) -> SafeString:
    here = quote(links.to())
    return _view_switch.join(
        {
            "label": label,
            "url": f"/vista/{kind}/?next={here}",
            "is_current": kind == view_kind,
            "is_list": kind == "list",
        }
        for kind, label in zip(VIEWS, (_("Grid"), _("List")), strict=True)
    )


def _filters(kept, selection: Selection, links: _Links, *, with_shelves: bool) -> SafeString:
    """Give the filters; choosing a current choice again takes it off."""
    groups = []
    current = selection.shelf
    if with_shelves and kept.top:
        choices = [
            (shelf.label, "categoria", "" if shelf is current else shelf.slug, shelf is current)
            for top in kept.top
            for shelf in top.with_descendants()
        ]
        groups.append(_group(_("Category"), choices, links))
    if kept.benefits:
        chosen = selection.benefits
        choices = [
            (
                label,
                "beneficio",
                [other for other in chosen if other != slug] if slug in chosen else [*chosen, slug],
                slug in chosen,
            )
            for slug, label in kept.benefits.items()
        ]
        groups.append(_group(_("Benefit"), choices, links))
    switches = [
        (_("In stock"), "disponible", selection.only_available),
        (_("On offer"), "oferta", selection.only_offers),
    ]
    choices = [(label, name, "" if is_on else "1", is_on) for label, name, is_on in switches]
    groups.append(_group(_("Availability"), choices, links))
    return _pick.join(groups)


def _group(label: str, choices: list[tuple], links: _Links) -> dict:
    return {
        "label": label,
        "current_label": ", ".join(choice[0] for choice in choices if choice[3]),
        "choices": _choice.join(
            {"label": choice, "url": links.to(**{name: value}), "is_current": is_current}
            for choice, name, value, is_current in choices
        ),
    }


def _price_filter(organization: Organization, selection: Selection, links: _Links) -> dict:
    minimum, maximum = selection.minimum, selection.maximum
    is_crossed = minimum is not None and maximum is not None and minimum > maximum
    pairs = links.pairs(min="", max="")
    return {
        "price_action": links.path,
        "price_hidden": _hidden.join({"name": name, "value": value} for name, value in pairs),
        "price_minimum": "" if minimum is None else str(minimum),
        "price_maximum": "" if maximum is None else str(maximum),
        "price_label": _price_label(organization, minimum, maximum),
        "price_error": _("The lowest price is above the highest.") if is_crossed else "",
    }


def _price_label(organization: Organization, minimum: int | None, maximum: int | None) -> str:
    low = "" if minimum is None else money.label(minimum * 100, organization.currency)
    high = "" if maximum is None else money.label(maximum * 100, organization.currency)
    if low and high:
        return f"{low} – {high}"
    if low:
        return _("from %(price)s") % {"price": low}
    return _("up to %(price)s") % {"price": high} if high else ""


def _active_filters(organization, kept, selection: Selection, links: _Links, on_shelf_page: bool):
    chips = []
    if selection.shelf and not on_shelf_page:
        chips.append({"label": selection.shelf.label, "remove_url": links.to(categoria="")})
    for slug in selection.benefits:
        others = [other for other in selection.benefits if other != slug]
        chips.append({"label": kept.benefits[slug], "remove_url": links.to(beneficio=others)})
    if selection.only_available:
        chips.append({"label": _("In stock"), "remove_url": links.to(disponible="")})
    if selection.only_offers:
        chips.append({"label": _("On offer"), "remove_url": links.to(oferta="")})
    label = _price_label(organization, selection.minimum, selection.maximum)
    if label:
        chips.append({"label": label, "remove_url": links.to(min="", max="")})
    return _active_filter.join(chips)


def correction(found, selection: Selection) -> dict:
    """Give the words that were really searched and the way back to those typed, or neither."""
    if not found.is_corrected:
        return {"corrected": "", "as_typed_url": ""}
    as_typed = [("q", selection.typed), ("exacto", "1")]
    return {
        "corrected": " ".join(found.selection.words),
        "as_typed_url": addresses.with_query(addresses.SEARCH, as_typed),
    }
