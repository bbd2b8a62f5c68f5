"""Quick find: one box, from the keyboard, for whatever a person may see in the back-office.

Each kind of row has a source that gives a group of what it found; apps above add theirs. A search
must cost the same in a shop with a million rows: first the newest rows are looked through, which
answers what is common; what is rare is then found by an index, wherever it lies.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db import connection
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django_scopes import get_scope

from config.lib.text import without_accents

from .. import search
from ..models import Customer, Product, Variant
from . import look

MOST = 6
_LATEST = 2_000
# As many as are looked at to give the newest ones of what an index found.
_GATHERED = 300
_LONGEST = 100
_MOST_WORDS = 5
# A trigram index knows no shorter words.
_SHORTEST_WORD = 3


@dataclass(frozen=True)
class Found:
    """One thing that was found, and where it is opened."""

    title: str
    detail: str
    url: str


@dataclass(frozen=True)
class Group:
    """What was found of one kind; `more` is the list that shows all of it."""

    label: str
    icon: str
    found: list[Found]
    more: str = ""


Source = Callable[..., Group | None]
_sources: list[Source] = []


def add(source: Source) -> None:
    """Let an app above be asked as well: source(request, typed) gives a group, or nothing."""
    _sources.append(source)


def groups(request, typed: str) -> list[Group]:
    """Give what was typed, in whatever this person may see, group by group."""
    typed = " ".join(typed.replace("\x00", " ")[:_LONGEST].split())
    if not typed:
        return []
    asked = [_pages, *_sources, _customers, _variants, _products]
    return [group for source in asked if (group := source(request, typed)) and group.found]


def find_view(site, request):
    """Give the page of quick find; for the palette only what was found."""
    typed = request.GET.get("q", "")
    context = {"typed": typed, "groups": groups(request, typed)}
    if "part" in request.GET:
        return TemplateResponse(request, "admin/shop/_found.html", context)
    context = {**site.each_context(request), "title": _("Find"), **context}
    answer = TemplateResponse(request, "admin/shop/find.html", context)
    answer["Cache-Control"] = "private, no-store"
    return answer


def like(word: str) -> str:
    """Write a word as the pattern of a LIKE that finds it anywhere."""
    return "%" + word.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"


def words_of(typed: str) -> list[str]:
    """Give the folded words to look for; of a phone, however it is grouped, one word of digits."""
    digits = "".join(one for one in typed if one not in " ().+-")
    if digits.isascii() and digits.isdecimal() and len(digits) > _SHORTEST_WORD:
        return [digits]
    return without_accents(typed).split()[:_MOST_WORDS]


def newest_keys(
    table: str, condition: str, parameters: dict, *, newest: str, can_index: bool = True
) -> list:
    """Give the keys of the newest rows here that fulfil a condition, in their order.

    `table`, `condition` and `newest` are written in the code, what was typed comes as parameters.
    """
    parameters = {**parameters, "organization": get_scope()["organization"].pk}
    names = {
        "table": table,
        "condition": condition,
        "newest": newest,
        "most": MOST,
        "latest": _LATEST,
        "gathered": _GATHERED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_AMONG_LATEST % names, parameters)
        keys = [key for (key,) in cursor.fetchall()]
        if len(keys) < MOST and can_index:
            cursor.execute(_ANYWHERE % names, parameters)
            keys += [key for (key,) in cursor.fetchall() if key not in keys]
    return keys[:MOST]


def newest_of_address(table: str, typed: str, *, newest: str) -> list:
    """Give the keys of the newest rows with this whole e-mail address, which an index knows.

    Many addresses share all that follows the @, which makes them slow to find by their letters.
    """
    if "@" not in typed[1:]:
        return []
    names = {"table": table, "condition": _ADDRESS, "newest": newest, "most": MOST}
    parameters = {
        "organization": get_scope()["organization"].pk,
        "addresses": [typed, typed.lower()],
    }
    with connection.cursor() as cursor:
        cursor.execute(_ANYWHERE % {**names, "gathered": _GATHERED}, parameters)
        return [key for (key,) in cursor.fetchall()]


_ADDRESS = "email = ANY(%(addresses)s::text[])"
_AMONG_LATEST = """
SELECT id FROM (
    SELECT * FROM %(table)s WHERE organization_id = %%(organization)s::uuid
    ORDER BY %(newest)s DESC LIMIT %(latest)s
) AS row WHERE %(condition)s ORDER BY %(newest)s DESC LIMIT %(most)s
"""
_ANYWHERE = """
SELECT id FROM (
    SELECT id, %(newest)s AS newest FROM %(table)s AS row
    WHERE organization_id = %%(organization)s::uuid AND %(condition)s LIMIT %(gathered)s
) AS found ORDER BY newest DESC LIMIT %(most)s
"""


def words_condition(expression: str, words: Iterable[str]) -> tuple[str, dict]:
    """Give the condition that an expression holds every word, and its parameters."""
    parameters = {f"word{number}": like(word) for number, word in enumerate(words)}
    condition = " AND ".join(f"{expression} LIKE %({name})s::text" for name in parameters)
    return condition, parameters


def can_index(words: Iterable[str]) -> bool:
    """Say whether a trigram index knows these words."""
    return any(len(word) >= _SHORTEST_WORD for word in words)


def in_order(rows, keys: list) -> list:
    """Give the rows of these keys, in the order of the keys."""
    by_key = rows.in_bulk(keys)
    return [by_key[key] for key in keys if key in by_key]


def list_address(name: str, typed: str) -> str:
    return f"{reverse(f'admin:{name}_changelist')}?{urlencode({'q': typed})}"


# --- What the shop itself has ---------------------------------------------------------------------


def _pages(request, typed: str) -> Group | None:
    wanted = without_accents(typed)
    found = [
        Found(str(item["title"]), str(group["title"] or ""), str(item["link"]))
        for group in look.navigation(request)
        for item in group["items"]
        if any(word.startswith(wanted) for word in _starts(str(item["title"])))
    ]
    return Group(_("Pages"), "web_asset", found[:MOST])


def _starts(title: str) -> list[str]:
    """Give a title from each of its words on: "Ways to pay" is found by "pay" and "to pay"."""
    words = without_accents(title).split()
    return [" ".join(words[number:]) for number in range(len(words))]


def _customers(request, typed: str) -> Group | None:
    if not request.user.has_perm("shop.view_customer"):
        return None
    words = words_of(typed)
    condition, parameters = words_condition(CUSTOMER_WORDS, words)
    keys = newest_of_address("shop_customer", typed, newest="id") or newest_keys(
        "shop_customer", condition, parameters, newest="id", can_index=can_index(words)
    )
    rows = Customer.objects.only("reference", "name", "email", "phone")
    found = [
        Found(
            str(customer),
            " · ".join(filter(None, [customer.reference, customer.email, str(customer.phone)])),
            reverse("admin:shop_customer_change", args=[customer.pk]),
        )
        for customer in in_order(rows, keys)
    ]
    return Group(_("Customers"), "group", found, list_address("shop_customer", typed))


# As the index has it (Customer.Meta).
CUSTOMER_WORDS = "kaiu_customer_words(name, email, phone, reference, document_number)"


def _variants(request, typed: str) -> Group | None:
    """Find a SKU by its start."""
    if not request.user.has_perm("shop.view_variant") or len(typed) < 2:
        return None
    rows = Variant.objects.filter(sku__istartswith=typed).select_related("product")
    rows = rows.only("sku", "name", "option1", "option2", "product__name", "organization")
    found = [
        Found(
            variant.sku,
            " · ".join(filter(None, [variant.product.name, variant.label])),
            reverse("admin:shop_variant_change", args=[variant.pk]),
        )
        for variant in rows.order_by()[:MOST]
    ]
    found.sort(key=lambda one: one.title)
    return Group(_("Variants"), "style", found, list_address("shop_variant", typed))


def _products(request, typed: str) -> Group | None:
    if not request.user.has_perm("shop.view_product"):
        return None
    words = search.query_words(typed)
    if not words:
        return None
    parameters = {
        "configuration": search.CONFIGURATIONS[get_scope()["organization"].language],
        "words": search.written(words),
    }
    condition = "search @@ to_tsquery(%(configuration)s::regconfig, %(words)s::text)"
    keys = newest_keys("shop_product", condition, parameters, newest="id")
    rows = Product.objects.select_related("category").only("name", "category__name", "is_active")
    found = [
        Found(
            product.name,
            product.category.name if product.is_active else _("Hidden from the shop"),
            reverse("admin:shop_product_change", args=[product.pk]),
        )
        for product in in_order(rows, keys)
    ]
    return Group(_("Products"), "sell", found, list_address("shop_product", typed))
