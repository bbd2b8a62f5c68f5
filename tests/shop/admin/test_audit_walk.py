"""Whatever the back-office changes, the audit tells: every page and every action of every admin."""

import pytest
from django.urls import NoReverseMatch, reverse

from orders.models import OrderEvent
from shop.admin.base import ReadOnlyAdmin
from shop.admin.site import site
from shop.models import AuditEntry, Domain
from tests import make
from tests.shop.admin.back_office import StaffClient, send
from tests.shop.test_roles import rows

# What is typed to add a row, and to change one, by kind.
ADDED = {
    "banner": {"text": "Envío gratis"},
    "benefit": {"name": "Sueño"},
    "carrieraccount": {"provider": "envia", "name": "Envia.com"},
    "category": {"name": "Velas"},
    "customer": {"name": "Nueva"},
    "domain": {"host": "nueva.example.co"},
    "homeblock": {"kind": "text", "title": "Hola", "text": "Bienvenida"},
    "menuitem": {"kind": "address", "label": "Más", "address": "/productos/"},
    "offer": {"price": "1.000"},
    "organization": {
        "name": "Otra",
        "slug": "otra-tienda",
        "host": "otra-tienda.example.co",
        "owner_email": "duena@example.com",
    },
    "origin": {
        "name": "Otra bodega",
        "line": "Calle 1 # 2-3",
        "municipality": "Medellín",
        "contact_name": "Ana",
        "phone": "3001234567",
    },
    "paymentaccount": {"provider": "cash", "name": "Contra entrega"},
    "postcategory": {"name": "Recetas"},
    "post": {"title": "Cómo usar aceites", "body": "Así."},
    "product": {"name": "Jabón", "variants__0__price": "9.000"},
    "ratetable": {
        "name": "Otra tabla",
        "rates__0__price": "9.000",
        "rates__0__days_min": "1",
        "rates__0__days_max": "2",
    },
    "stockcount": {"name": "Otro conteo"},
    "subscriptionplan": {"name": "Cada mes"},
    "voucher": {"code": "NUEVO10", "kind": "percent", "percent": "10"},
}
CHANGED = {
    "banner": {"text": "Otro texto"},
    "benefit": {"name": "Otro"},
    "carrieraccount": {"name": "Otra", "setting_carriers": "tcc"},
    "category": {"name": "Otra"},
    "customer": {"name": "Otro nombre"},
    "deliverysettings": {"usual_grams": "300"},
    "domain": {"host": "otro.example.co"},
    "homeblock": {"title": "Otro"},
    "membership": {"role": "support"},
    "menuitem": {"label": "Otro"},
    "offer": {"price": "2.000"},
    "organization": {"tagline": "Otra"},
    "origin": {"name": "Otra"},
    "paymentaccount": {"name": "Otro"},
    "post": {"title": "Otro"},
    "postcategory": {"name": "Otra"},
    "product": {"name": "Otro"},
    "ratetable": {"name": "Otra"},
    "stocklevel": {"low_at": "3"},
    "subscriptionplan": {"name": "Otro"},
    "user": {"is_active": None},
    "variant": {"sku": "OTRO-1"},
    "voucher": {"code": "OTRO"},
}
# Pages of their own that change something, with what their button sends.
PRESSED = {
    "logistics_cashstatement_settle": {"line": "cashline", "note": "Lo aclaró la transportadora"},
    "logistics_cashstatement_undo": {},
    "orders_gatewayevent_again": {},
    "orders_order_board": {"deed": "claim", "order": "order"},
    "logistics_shipment_step": {"step": "hand-over"},
    "orders_order_mail": {"event": "orderevent"},
    "orders_order_step": {"step": "note", "note": "Llamó"},
    "orders_returnrequest_step": {"step": "accept"},
    "orders_subscription_step": {"step": "pause"},
    "shop_banner_step": {"step": "hide"},
    "shop_category_move": {"way": "down"},
    "shop_domain_verify": {},
    "shop_front_publish": {},
    "shop_homeblock_step": {"step": "hide"},
    "shop_membership_invite": {"email": "otra@example.com", "role": "viewer"},
    "shop_membership_invite_again": {},
    "shop_menuitem_step": {"step": "hide"},
    "shop_organization_open_close": {},
    "shop_stockcount_step": {"do": "discard"},
    "shop_stocklevel_move": {"reason": "received", "quantity": "1"},
}
# Tests of their own press these, with the same client, which looks for the trace itself.
PRESSED_ELSEWHERE = {
    # tests/logistics/test_carrier_setup.py
    "logistics_carrieraccount_check",
    # Only a shop without them has this page.
    "logistics_deliverysettings_add",
    "logistics_cashstatement_give",
    "logistics_cashstatement_missing",
    "logistics_ratetable_import",
    "orders_order_edit",
    "orders_order_pack",
    "orders_order_invoices",
    # Only an empty home page has this button.
    "shop_front_start",
    "orders_refund_done",
    "shop_product_copy",
    "shop_variant_copy",
    "action change_prices",
    "action ship",
}
ACTIONS = {
    "gatewayevent": ["handle_again"],
    "order": ["prepare", "ready"],
    "product": ["hide_from_shop", "show_in_shop"],
}
# An import is one entry once it is brought in, whatever led to it; a draft is no order yet.
TOLD_LATER = {
    "orders_cart_add",
    "orders_cart_change",
    "shop_productimport_add",
    "shop_stockcount_change",
    "shop_productimport_change",
    "shop_productimport_step",
    "shop_productimport_undo",
}
# What only shows something, or keeps a view for the person who looks.
READ = {
    "changelist",
    "history",
    "views",
    "logistics_cashstatement_report",
    "logistics_ratetable_export",
    "logistics_ratetable_template",
    "logistics_carrieraccount_words",
    "logistics_ratetable_try",
    "logistics_shipment_label",
    "orders_shipmentbatch_labels",
    "orders_order_export",
    "orders_order_invoice",
    "orders_order_packing",
    "orders_paymentaccount_check",
    "shop_auditentry_export",
    "shop_organization_test_mail",
    "shop_post_find",
    "shop_post_preview",
    "shop_productimport_errors",
    "shop_productimport_export",
    "shop_productimport_progress",
    "shop_productimport_template",
    "shop_variant_kit_figure",
    "action print_slips",
}


@pytest.fixture
def known(organization):
    """Give a row of every kind to change, and others where the shop itself needs its own."""
    make.member("viewer")
    found = rows()
    placed = OrderEvent.objects.filter(order=found["order"], kind="placed")
    placed.update(mail="sent")
    return {
        **found,
        "orderevent": placed.get(),
        "domain": Domain.objects.create(organization=organization, host="dos.example.co"),
        "closed": make.organization(),
        "cashline": found["cashstatement"].lines.get(),
    }


@pytest.fixture
def everybody(organization):
    """Give a client who may do all there is: an owner who is an operator, too."""
    client = StaffClient()
    client.user = make.member("owner", is_superuser=True)
    client.force_login(client.user)
    return client


def pages() -> list[tuple[str, str, str]]:
    """Give every page of the admins: its whole name, the kind of its rows, and what is done."""
    return [
        (url.name, model._meta.model_name, url.name.removeprefix(f"{prefix}_"))
        for model, admin in site._registry.items()
        for prefix in [f"{model._meta.app_label}_{model._meta.model_name}"]
        for url in admin.get_urls()
    ]


def address(name: str, row=None) -> str:
    try:
        return reverse(f"admin:{name}")
    except NoReverseMatch:
        return reverse(f"admin:{name}", args=[row.pk])


def silent(client, answer) -> str:
    """Say why nothing was written and told; nothing when it was."""
    if client.last_written and answer.status_code < 400 and client.is_told:
        return ""
    form = (answer.context or {}).get("adminform")
    return f"{answer.status_code} {form.form.errors if form else ''}"


def test_every_form_leaves_a_trace(everybody, known):
    added = ADDED | {
        "domain": {**ADDED["domain"], "organization": str(known["organization"].pk)},
        "offer": {**ADDED["offer"], "variant": str(known["variant"].pk)},
        "product": {**ADDED["product"], "category": str(known["category"].pk)},
    }
    wrong = {}
    for name, model, page in pages():
        values = {"add": added, "change": CHANGED}.get(page, {}).get(model)
        if values is not None:
            answer = send(everybody, address(name, known[model]), **values)
            wrong[name] = silent(everybody, answer)

    assert {name: why for name, why in wrong.items() if why} == {}


def test_every_button_leaves_a_trace(everybody, known):
    wrong = {}
    for name, model, _page in pages():
        if name in PRESSED:
            row = known.get("closed" if name == "shop_organization_open_close" else model)
            values = {key: _key_of(value, known) for key, value in PRESSED[name].items()}
            wrong[name] = silent(everybody, everybody.post(address(name, row), values))
    for name, model, page in pages():
        for action in ACTIONS.get(model, ()) if page == "changelist" else ():
            values = {"action": action, "_selected_action": known[model].pk, "confirmed": "1"}
            wrong[action] = silent(everybody, everybody.post(address(name), values))

    assert {name: why for name, why in wrong.items() if why} == {}


def _key_of(value: str, known: dict):
    return known[value].pk if value in known else value


def test_the_usual_home_page_leaves_a_trace(everybody):
    everybody.post(address("shop_front_start"))

    entries = AuditEntry.objects.filter(model="homeblock", action="added")
    assert entries.count() == make.here().home_blocks.count() > 1


def test_every_deletion_leaves_a_trace(everybody, known):
    # Rows that nothing hangs on.
    free = {
        "benefit": make.benefit(),
        "category": make.category(),
        "postcategory": make.post_category(),
        "product": make.product(in_stock=0),
        "variant": make.variant(known["product"], option1="Otra", in_stock=0),
        "ratetable": make.rate_table(),
    }
    wrong = {}
    for name, model, page in pages():
        if page == "delete":
            row = free.get(model, known[model])
            wrong[name] = silent(everybody, everybody.post(address(name, row), {"post": "yes"}))

    assert {name: why for name, why in wrong.items() if why} == {}


def test_the_walk_knows_every_page_and_every_action(everybody):
    unknown = [
        name
        for name, model, page in pages()
        if name not in {*PRESSED, *PRESSED_ELSEWHERE, *TOLD_LATER, *READ}
        and page not in {*READ, "delete"}
        and not (page == "add" and model in ADDED)
        and not (page == "change" and (model in CHANGED or _only_shows(model)))
    ]
    for model, admin in site._registry.items():
        walked = ACTIONS.get(model._meta.model_name, ())
        unknown += [
            f"{model._meta.model_name}: {action}"
            for action in admin.actions or ()
            if action not in walked and f"action {action}" not in {*PRESSED_ELSEWHERE, *READ}
        ]

    assert unknown == []


def _only_shows(name: str) -> bool:
    return any(
        isinstance(admin, ReadOnlyAdmin)
        for model, admin in site._registry.items()
        if model._meta.model_name == name
    )


def test_the_client_sees_what_leaves_no_trace(everybody, known, monkeypatch):
    monkeypatch.setattr(AuditEntry, "save", lambda *args, **kwargs: None)

    answer = send(everybody, address("shop_benefit_change", known["benefit"]), name="Otro")
    assert silent(everybody, answer)
    with pytest.raises(AssertionError, match="shop_banner"):
        everybody.post(address("shop_banner_step", known["banner"]), {"step": "hide"})
