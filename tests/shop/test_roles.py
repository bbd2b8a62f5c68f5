import logging
import re

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, get_resolver, path, reverse
from django_scopes import scope

from shop import access, roles
from shop.models import AuditEntry, Membership, StockMovement, User
from shop.roles import Role, Who
from tests import make


def addresses() -> list[tuple[str, str]]:
    """Give every address of the project: what it is called in the table, and its route."""

    def walk(resolver, route, namespaces):
        for pattern in resolver.url_patterns:
            inner = f"{route}{pattern.pattern}"
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern, inner, [*namespaces, *filter(None, [pattern.namespace])])
            else:
                name = ":".join([*namespaces, pattern.name]) if pattern.name else inner
                yield name, inner

    return list(walk(get_resolver(), "", []))


def people() -> dict[str, object]:
    """Give one of everybody who may knock: each role, and those who have none here."""
    found = {role.value: make.member(role) for role in Role}
    found["anonymous"] = None
    found["shopper"] = make.user()
    found["operator"] = make.user(is_superuser=True)
    found["deactivated"] = make.member("owner")
    Membership.objects.filter(user=found["deactivated"]).update(is_active=False)
    other = make.organization()
    with scope(organization=other):
        found["member elsewhere"] = make.member("owner")
    return found


def rows() -> dict[str, object]:
    """Give a row of every model of the admin, to open its pages with."""
    product = make.product()
    variant = product.variants.get()
    organization = make.here()
    return {
        **make.rows_of_logistics(),
        **make.rows_of_orders(),
        "product": product,
        "variant": variant,
        "category": product.category,
        "benefit": organization.benefits.create(name="Calma", slug="calma"),
        "post": make.post(items=[variant]),
        "menuitem": make.menu_item(),
        "banner": make.banner(),
        "homeblock": make.home_block(),
        "postcategory": make.post_category(),
        "stocklevel": variant.stock,
        "stockcount": make.stock_count(),
        "stockmovement": StockMovement.objects.filter(variant=variant).get(),
        "ratetable": make.rate_table(),
        "productimport": make.product_import(),
        "customer": make.customer(),
        "stockalert": make.stock_alert(variant),
        "membership": Membership.objects.filter(role="viewer").get(),
        "organization": organization,
        "domain": organization.domains.get(),
        "user": make.user(),
        "auditentry": AuditEntry.objects.create(organization=organization, action="added"),
    }


def is_expected(who: str, wanted: roles.Access) -> bool:
    """Say what the table says, in plain words and apart from the code that enforces it."""
    here = who in set(Role)
    if wanted.who is Who.OPERATOR:
        return who == "operator"
    if wanted.who is Who.SIGNED_IN:
        return who != "anonymous"
    if wanted.who is Who.STAFF and not (here or who == "operator"):
        return False
    permission = wanted.permission
    if not permission:
        return True
    if permission in roles.OPERATOR_ONLY:
        return who == "operator"
    if who == "operator" and permission in roles.OPERATOR_ALSO:
        return True
    if not here or permission in roles.NEVER:
        return False
    verb, _line, model = permission.partition(".")[2].partition("_")
    needed = roles.Level.LOOK if verb == "view" else roles.Level.CHANGE
    return roles.AREAS[roles.MODELS[model]][Role(who)] >= needed


def url_of(name: str, route: str, known: dict) -> str | None:
    """Give a working address of this name, with the rows of the test in it."""
    if name.startswith("admin:") and "object_id" in route:
        return reverse(name, args=[known[name.split("_")[1]].pk])
    if name == "admin:app_list":
        return reverse(name, args=["shop"])
    try:
        return reverse(name)
    except NoReverseMatch:
        pass
    if name.startswith("api:"):
        model = name.removeprefix("api:").partition("-")[0]
        row = known.get({"stock": "variant"}.get(model, model))
        if row is None or not {"pk", "order_id"} & set(re.findall(r"<(\w+)>", route)):
            return None
        kwargs = {"pk": row.pk} if "<pk>" in route else {}
        if "order_id" in route:
            kwargs["order_id"] = row.order_id
        if "picture_id" in route:
            kwargs["picture_id"] = row.pk
        return reverse(name, kwargs=kwargs)
    if "<uuid:pk>" in route:
        return reverse(name, kwargs={"pk": known["customer"].pk})
    return None


# Asked apart: signing out would end the visit, choices ask the model that they are of, and a proof
# of payment needs a file (tests/orders/test_proofs.py).
ASKED_APART = {"admin:logout", "admin:autocomplete", "orders:proof-file"}


def is_refused(response, wanted: roles.Access) -> bool:
    # A page of one's own account may be missing, such as the second factor one does not use.
    missing = response.status_code == 404 and wanted.who is not Who.SIGNED_IN
    if missing or response.status_code in (401, 403):
        return True
    return response.status_code == 302 and response.url.startswith(reverse("account_login"))


def test_every_address_has_a_row():
    assert [name for name, _route in addresses() if roles.access_of(name) is None] == []


def test_the_table_names_no_address_that_is_gone():
    known = {name for name, _route in addresses()}

    assert sorted(set(roles.ADDRESSES) - known) == []


def test_every_page_answers_whom_the_table_lets_in_and_nobody_else(organization):
    everybody, known = people(), rows()
    clients = {}
    for who, user in everybody.items():
        clients[who] = Client()
        if user is not None:
            clients[who].force_login(user)
    wrong, asked = [], 0
    for name, route in addresses():
        wanted = roles.access_of(name)
        # Public pages have tests of their own; a missing row there is an honest 404.
        is_public = wanted.who in (Who.EVERYONE, Who.API) and not wanted.permission
        if name in ASKED_APART or is_public:
            continue
        url = url_of(name, route, known)
        assert url, f"Say in url_of how to reach {name}."
        for who, client in clients.items():
            response = client.get(url)
            asked += 1
            if is_refused(response, wanted) == is_expected(who, wanted):
                wrong.append((name, who, response.status_code))
            if response.status_code >= 500:
                wrong.append((name, who, response.status_code))

    assert not wrong, wrong
    assert asked > 500


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("anonymous", 302),
        ("shopper", 404),
        ("deactivated", 404),
        ("member elsewhere", 404),
        ("viewer", 403),
    ],
)
def test_strangers_find_no_back_office_and_colleagues_hear_that_it_is_not_theirs(
    organization, who, status
):
    client = Client()
    if user := people()[who]:
        client.force_login(user)

    assert client.get("/admin/shop/membership/").status_code == status


@pytest.mark.parametrize("role", Role)
def test_a_role_that_only_looks_changes_nothing(organization, role):
    product = make.product("Antes")
    client = Client()
    client.force_login(make.member(role))

    response = client.post(
        f"/admin/shop/product/{product.pk}/change/",
        {"name": "Después", "category": str(product.category_id)},
    )

    may = roles.level(role, "catalogue") == roles.Level.CHANGE
    assert response.status_code == (200 if may else 403)


@pytest.mark.parametrize("role", Role)
def test_stock_moves_by_the_hand_of_whom_the_table_names(organization, role):
    variant = make.variant(in_stock=5)
    client = Client()
    client.force_login(make.member(role))

    client.post(
        f"/admin/shop/stocklevel/{variant.pk}/mover/", {"reason": "received", "quantity": "1"}
    )

    may = roles.level(role, "stock") == roles.Level.CHANGE
    variant.stock.refresh_from_db()
    assert variant.stock.on_hand == (6 if may else 5)


@pytest.mark.parametrize("role", Role)
def test_the_menu_leads_only_where_one_may_go(organization, role):
    client = Client()
    client.force_login(make.member(role))

    context = client.get("/admin/").context
    groups = context["sidebar_navigation"]

    links = [str(item["link"]) for group in groups for item in group["items"]]
    assert [link for link in links if client.get(link).status_code not in (200, 302)] == []
    assert ("/admin/shop/customer/" in links) == (role != Role.WAREHOUSE)
    # Django's own list of every model costs time and is shown to nobody.
    assert context["available_apps"] == []


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("viewer", 200), ("operator", 403), ("shopper", 404), ("anonymous", 302)],
)
def test_choices_are_offered_to_whom_may_see_their_model(organization, who, status):
    client = Client()
    if user := people()[who]:
        client.force_login(user)

    response = client.get(
        "/admin/autocomplete/?app_label=shop&model_name=product&field_name=benefits&term="
    )

    assert response.status_code == status


# --- The guard itself -------------------------------------------------------------------------


def ask(monkeypatch, *, user=None, table=None):
    """Put one request for a made-up page through the middleware."""
    monkeypatch.setattr(roles, "ADDRESSES", table or {})
    request = RequestFactory().get("/hidden/")
    request.resolver_match = path("hidden/", HttpResponse, name="hidden").resolve("hidden/")
    if user is not None:
        request.user = user
    return access.AccessMiddleware(None).process_view(request, None, (), {})


def test_an_address_without_a_row_answers_nobody(monkeypatch, caplog):
    with caplog.at_level(logging.ERROR), pytest.raises(Http404):
        ask(monkeypatch, user=User(is_superuser=True))

    assert "hidden" in caplog.text


def test_a_public_page_never_looks_at_the_user(monkeypatch):
    # The request has no user at all: asking for one would fail.
    assert ask(monkeypatch, table={"hidden": roles.PUBLIC}) is None


def test_a_colleague_without_the_right_is_refused(organization, monkeypatch):
    user = make.member("viewer")
    with roles.acting_as(Membership.objects.get(user=user)), pytest.raises(PermissionDenied):
        ask(monkeypatch, user=user, table={"hidden": roles.staff_with("shop.view_membership")})


def test_an_admin_page_of_a_model_without_a_row_is_closed():
    assert roles.access_of("admin:shop_sequence_changelist") is None
    assert roles.access_of("admin:shop_product_unheard") is None


def test_what_happened_is_rewritten_by_nobody(organization):
    user = make.member("owner", is_superuser=True)
    with roles.acting_as(Membership.objects.get(user=user)):
        assert [permission for permission in roles.NEVER if user.has_perm(permission)] == []


def test_the_guard_stands_behind_the_membership():
    names = settings.MIDDLEWARE

    assert names.index("shop.access.AccessMiddleware") > names.index(
        "shop.middleware.MembershipMiddleware"
    )
