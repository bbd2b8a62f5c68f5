"""Menus and banners as pages show them: what was published, with the addresses of this moment."""

from collections.abc import Iterable
from datetime import datetime

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from .. import addresses, pages
from ..models import Organization, Post, Product
from ..pictures import rendition
from . import shelves

# Pages of the shop that a menu may lead to, beside those of words (pages.py).
HOME, PRODUCTS, BLOG, RITUALS, ORDERS = "inicio", "productos", "blog", "rituales", "pedidos"


def page_choices() -> list[tuple[str, str]]:
    """Give the pages that a menu may lead to, by the name that a menu keeps."""
    own = [
        (HOME, _("Home")),
        (PRODUCTS, _("All products")),
        (BLOG, _("Blog")),
        (RITUALS, _("Rituals")),
        (ORDERS, _("Where is my order?")),
    ]
    return own + [(page.slug, str(page.label)) for page in pages.PAGES]


_OWN = {
    HOME: addresses.HOME,
    PRODUCTS: addresses.PRODUCTS,
    BLOG: addresses.BLOG,
    RITUALS: addresses.RITUALS,
    ORDERS: "/pedidos/",
}


def menu(organization: Organization, front: dict, place: str, *, now: datetime) -> list[dict]:
    """Give the links of a menu; what cannot be visited now is left out."""
    items = [item for item in front["menu"] if item["place"] == place]
    known = _Targets(organization, items, now=now)
    links = []
    for item in items:
        link = known.link(item)
        if link is not None:
            children = [known.link(child) for child in item["children"]]
            links.append({**link, "children": [child for child in children if child]})
    return links


def usual_menu(organization: Organization, *, now: datetime) -> list[dict]:
    """Give the links of who has no menu of their own: the shelves, then what there is to read."""
    written = set(Post.objects.visible(now).order_by().values_list("kind", flat=True).distinct())
    to_read = {
        Post.Kind.ARTICLE: {"label": _("Blog"), "url": addresses.BLOG},
        Post.Kind.RITUAL: {"label": _("Rituals"), "url": addresses.RITUALS},
    }
    return [
        *(_shelf_link(shelf) for shelf in shelves.of(organization).top),
        *({**link, "children": []} for kind, link in to_read.items() if kind in written),
    ]


def _shelf_link(shelf: shelves.Shelf) -> dict:
    return {
        "label": shelf.label,
        "url": shelf.url,
        "children": [_shelf_link(child) for child in shelf.children],
    }


class _Targets:
    """Where the links of a menu lead, asked for all of them at once."""

    def __init__(self, organization: Organization, items: list[dict], *, now: datetime):
        every = [link for item in items for link in (item, *item["children"])]
        self.shelves = {str(key): shelf for key, shelf in shelves.of(organization).by_id.items()}
        self.pages = {name: label for name, label in page_choices()}
        self.products, self.posts = {}, {}
        if keys := _keys(every, "product"):
            rows = Product.objects.visible(now).filter(pk__in=keys)
            self.products = {
                str(key): (name, addresses.product(slug))
                for key, name, slug in rows.values_list("pk", "name", "slug")
            }
        if keys := _keys(every, "post"):
            rows = Post.objects.visible(now).filter(pk__in=keys)
            self.posts = {
                str(key): (title, addresses.post(kind, slug))
                for key, title, kind, slug in rows.values_list("pk", "title", "kind", "slug")
            }

    def link(self, item: dict) -> dict | None:
        target = item["target"]
        found = {
            "category": lambda: self._shelf(target),
            "product": lambda: self.products.get(target),
            "post": lambda: self.posts.get(target),
            "page": lambda: self._page(target),
            "address": lambda: (target, target) if target else None,
        }[item["kind"]]()
        return found and {"label": item["label"] or found[0], "url": found[1]}

    def _shelf(self, target: str) -> tuple[str, str] | None:
        shelf = self.shelves.get(target)
        return shelf and (shelf.label, shelf.url)

    def _page(self, target: str) -> tuple[str, str] | None:
        if target not in self.pages:
            return None
        return self.pages[target], _OWN.get(target) or addresses.page(target)


def _keys(links: Iterable[dict], kind: str) -> list[str]:
    return [link["target"] for link in links if link["kind"] == kind and link["target"]]


def banners(
    front: dict, place: str, *, now: datetime, category: str = "", most: int = 1
) -> SafeString:
    """Write the first banners of a place that are shown at this moment."""
    shown = [
        banner
        for banner in front["banners"]
        if banner["place"] == place
        and banner["category"] in ("", category)
        and _is_time(banner, now)
    ]
    return SafeString(
        "".join(
            render_to_string(
                "components/banner.html", {**banner, "picture": rendition(banner["picture"])}
            )
            for banner in shown[:most]
        )
    )


def _is_time(banner: dict, now: datetime) -> bool:
    starts, ends = (banner[name] for name in ("starts_at", "ends_at"))
    return (not starts or datetime.fromisoformat(starts) <= now) and (
        not ends or now < datetime.fromisoformat(ends)
    )
