"""Which role may do what, in the admin, the API and the console: the one table.

Permissions are asked in Django's own words ("shop.change_product"), so that the admin, the REST
API and our views put one question and get one answer.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum, IntEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Administrator")
    MANAGER = "manager", _("Manager")
    WAREHOUSE = "warehouse", _("Warehouse")
    SUPPORT = "support", _("Support")
    EXPERT = "expert", _("Expert")
    VIEWER = "viewer", _("Viewer")


class Level(IntEnum):
    NONE = 0
    LOOK = 1
    CHANGE = 2


# In the order of Role: owner, admin, manager, warehouse, support, expert, viewer.
_N, _L, _C = Level.NONE, Level.LOOK, Level.CHANGE
_AREAS: dict[str, tuple[Level, ...]] = {
    #                own admi mana ware supp expe view
    "catalogue":    (_C, _C, _C, _L, _L, _L, _L),
    "content":      (_C, _C, _C, _L, _L, _L, _L),
    "stock":        (_C, _C, _C, _C, _L, _L, _L),
    "delivery":     (_C, _C, _C, _L, _L, _N, _L),
    "orders":       (_C, _C, _C, _L, _C, _L, _L),
    "drafts":       (_C, _C, _C, _N, _C, _N, _L),
    "fulfilment":   (_C, _C, _C, _C, _C, _N, _N),
    "money":        (_C, _C, _C, _N, _L, _N, _L),
    "carrier setup": (_C, _C, _L, _N, _N, _N, _N),
    "shipments":    (_C, _C, _C, _C, _L, _N, _L),
    "payment setup": (_C, _C, _L, _N, _N, _N, _N),
    "vouchers":     (_C, _C, _C, _N, _L, _N, _L),
    "sales":        (_L, _L, _L, _N, _N, _N, _N),
    "customers":    (_C, _C, _C, _N, _C, _L, _L),
    "people":       (_C, _C, _L, _N, _N, _N, _N),
    "organization": (_C, _C, _L, _N, _N, _N, _N),
    "audit":        (_L, _L, _N, _N, _N, _N, _N),
}  # fmt: skip
AREAS = {area: dict(zip(Role, levels, strict=True)) for area, levels in _AREAS.items()}

# The area of every model that staff may meet. A model without a row is closed to everyone.
MODELS = {
    "category": "catalogue",
    "benefit": "catalogue",
    "product": "catalogue",
    "picture": "catalogue",
    "variant": "catalogue",
    "productimport": "catalogue",
    "importfault": "catalogue",
    "importpicture": "catalogue",
    "front": "content",
    "menuitem": "content",
    "banner": "content",
    "homeblock": "content",
    "post": "content",
    "postcategory": "content",
    "postitem": "content",
    "postpicture": "content",
    "kitpart": "catalogue",
    "stocklevel": "stock",
    "stockmovement": "stock",
    "lowstockalert": "stock",
    "ratetable": "delivery",
    "rate": "delivery",
    "origin": "delivery",
    "deliverysettings": "delivery",
    "carrieraccount": "carrier setup",
    "carriernotice": "carrier setup",
    "shipment": "shipments",
    "parcel": "shipments",
    "trackingevent": "shipments",
    "pickup": "shipments",
    "incident": "shipments",
    "cashstatement": "money",
    "cashline": "money",
    "practiceparcel": "shipments",
    "shipmentbatch": "shipments",
    "batchitem": "shipments",
    "packing": "fulfilment",
    "ordershipmentline": "orders",
    "stockreservation": "stock",
    "stockcheck": "stock",
    "stockcount": "stock",
    "stockcountline": "stock",
    "order": "orders",
    "orderline": "orders",
    "orderevent": "orders",
    "ordershipment": "orders",
    "returnrequest": "orders",
    "returnline": "orders",
    # Of a draft, every word is a price.
    "cart": "drafts",
    "cartline": "drafts",
    # Not a model: the steps from confirmed to delivered.
    "fulfilment": "fulfilment",
    # Not a model: amounts of an order, who paid what and how.
    "payment": "money",
    "paymentattempt": "money",
    "gatewaytransaction": "money",
    "gatewayevent": "money",
    "refund": "money",
    "invoice": "money",
    "paymentaccount": "payment setup",
    "voucher": "vouchers",
    "voucheruse": "vouchers",
    "offer": "vouchers",
    "offeranswer": "vouchers",
    # Its amounts and its card are all about money, as a draft's are.
    "subscription": "drafts",
    "subscriptionplan": "vouchers",
    "dailysales": "sales",
    "customer": "customers",
    "customeridentity": "customers",
    "stockalert": "customers",
    "consent": "customers",
    "address": "customers",
    "membership": "people",
    "organization": "organization",
    "auditentry": "audit",
}
# What only an operator of the installation may do, whatever the role in an organization.
OPERATOR_ONLY = {
    "shop.add_organization",
    "shop.delete_organization",
    "shop.view_domain",
    "shop.add_domain",
    "shop.change_domain",
    "shop.delete_domain",
    "shop.view_user",
    "shop.change_user",
}
OPERATOR_ALSO = {"shop.view_organization", "shop.change_organization", "shop.view_auditentry"}
# What happened is never rewritten, by anyone.
NEVER = {
    f"shop.{action}_{model}"
    for action, model in [
        ("add", "auditentry"),
        ("change", "auditentry"),
        ("delete", "auditentry"),
        ("change", "stockmovement"),
        ("delete", "stockmovement"),
        ("add", "consent"),
        ("change", "consent"),
        ("delete", "consent"),
        ("delete", "customer"),
    ]
}


class Who(Enum):
    """Whom an address answers, before any question about a row."""

    EVERYONE = "everyone"
    SIGNED_IN = "signed in"
    STAFF = "staff"  # Any membership here, and operators.
    OPERATOR = "operator"
    API = "api"  # The API asks may() itself: a token, not the session, says who calls.


@dataclass(frozen=True)
class Access:
    """Who may call an address: these people, when they also have the permission (if any)."""

    who: Who
    permission: str = ""


PUBLIC = Access(Who.EVERYONE)
ACCOUNT = Access(Who.SIGNED_IN)
STAFF = Access(Who.STAFF)
OPERATOR = Access(Who.OPERATOR)
API = Access(Who.API)


def staff_with(permission: str) -> Access:
    """Give the access of an address for staff who may do this, such as "shop.view_product"."""
    return Access(Who.STAFF, permission)


def api_with(permission: str) -> Access:
    """Give the access of an address of the API that reads only for who may do this."""
    return Access(Who.API, permission)


# Every address by its view's name, or by its route when it has none. One without a row answers
# nobody (see access.py). The pages of the admin's models follow from MODELS above.
ADDRESSES: dict[str, Access] = {
    # The storefront
    "health-alive": PUBLIC,
    "health-ready": PUBLIC,
    # It asks for a token itself, or for an address of our own network.
    "health-metrics": PUBLIC,
    "shop:home": PUBLIC,
    "shop:product-list": PUBLIC,
    "shop:product-detail": PUBLIC,
    "shop:category-detail": PUBLIC,
    "shop:search": PUBLIC,
    "shop:search-suggestions": PUBLIC,
    "shop:blog": PUBLIC,
    "shop:blog-feed": PUBLIC,
    "shop:blog-category": PUBLIC,
    "shop:blog-tag": PUBLIC,
    "shop:post-detail": PUBLIC,
    "shop:post-preview": PUBLIC,
    "shop:front-preview": PUBLIC,
    "shop:ritual-list": PUBLIC,
    "shop:ritual-detail": PUBLIC,
    "shop:sitemap-posts": PUBLIC,
    "shop:page-detail": PUBLIC,
    "shop:brand-stylesheet": PUBLIC,
    "shop:icon-detail": PUBLIC,
    "shop:media": PUBLIC,
    "shop:manifest": PUBLIC,
    "shop:service-worker": PUBLIC,
    "shop:offline": PUBLIC,
    "shop:robots": PUBLIC,
    "shop:sitemap": PUBLIC,
    "shop:sitemap-pages": PUBLIC,
    "shop:sitemap-products": PUBLIC,
    "shop:visitor": PUBLIC,
    "shop:alert-ask": PUBLIC,
    "shop:alert-confirm": PUBLIC,
    "shop:alert-stop": PUBLIC,
    "shop:wishlist": PUBLIC,
    "shop:wish-change": PUBLIC,
    "shop:language-choose": PUBLIC,
    "shop:view-choose": PUBLIC,
    # Buying
    "orders:cart-detail": PUBLIC,
    "orders:cart-add": PUBLIC,
    "orders:cart-add-several": PUBLIC,
    "orders:cart-change": PUBLIC,
    "orders:cart-remove": PUBLIC,
    "orders:cart-voucher": PUBLIC,
    "orders:cart-count": PUBLIC,
    "orders:cart-restore": PUBLIC,
    "orders:checkout": PUBLIC,
    "orders:checkout-delivery": PUBLIC,
    # The API
    "api:product-list": API,
    "api:product-detail": API,
    "api:product-pictures": API,
    "api:product-picture": API,
    "api:variant-list": API,
    "api:variant-detail": API,
    "api:stock-list": api_with("shop.view_stocklevel"),
    "api:stock-detail": api_with("shop.view_stocklevel"),
    "api:stock-movements": api_with("shop.view_stocklevel"),
    "api:category-list": API,
    "api:category-detail": API,
    "api:benefit-list": API,
    "api:benefit-detail": API,
    "api:customer-list": api_with("shop.view_customer"),
    "api:customer-me": API,
    "api:customer-own-addresses": API,
    "api:customer-detail": api_with("shop.view_customer"),
    "api:customer-addresses": api_with("shop.view_customer"),
    "api:token": API,
    "api:token-refresh": API,
    "api:webhook": API,
    "api:carrier-webhook": API,
    "api:cart-list": API,
    "api:cart-detail": API,
    "api:cart-lines": API,
    "api:cart-line": API,
    "api:cart-voucher": API,
    "api:cart-offer": API,
    "api:checkout": API,
    "api:payment-list": API,
    "api:payment-detail": API,
    "api:order-list": api_with("shop.view_order"),
    "api:order-detail": api_with("shop.view_order"),
    "api:order-timeline": api_with("shop.view_order"),
    "api:order-notes": API,
    "api:order-cancel": API,
    "api:order-mine": API,
    "api:order-by-token": API,
    "api:shipment-list": api_with("shop.view_shipment"),
    "api:shipment-detail": api_with("shop.view_shipment"),
    "api:shipment-label": api_with("shop.view_shipment"),
    "api:shipment-cancel": API,
    "api:quote-list": API,
    "api:voucher-list": api_with("shop.view_voucher"),
    "api:voucher-detail": api_with("shop.view_voucher"),
    "api:refund-list": api_with("shop.view_refund"),
    "api:refund-detail": api_with("shop.view_refund"),
    "api:invoice-list": api_with("shop.view_invoice"),
    "api:invoice-detail": api_with("shop.view_invoice"),
    "api:schema": API,
    "api:docs": API,
    "api:unknown": API,
    # Signing in, and the account
    "account_login": PUBLIC,
    "account_logout": PUBLIC,
    "account_signup": PUBLIC,
    "account_inactive": PUBLIC,
    "account_email_verification_sent": PUBLIC,
    "account_confirm_email": PUBLIC,
    "account_reset_password": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
    "mfa_authenticate": PUBLIC,
    "account_sign_in_link": PUBLIC,
    "account_sign_in_link_sent": PUBLIC,
    "account_sign_in_link_use": PUBLIC,
    "account_handover": PUBLIC,
    "account_places": PUBLIC,
    "practice_mails": PUBLIC,
    "practice_mail": PUBLIC,
    "practice_payment": PUBLIC,
    # Orders: whoever holds a token
    "orders:order-document": PUBLIC,
    "orders:order-detail": PUBLIC,
    "orders:order-status": PUBLIC,
    "orders:order-agree": PUBLIC,
    "orders:order-pay": PUBLIC,
    "orders:order-return": PUBLIC,
    "orders:order-proof": PUBLIC,
    "orders:order-confirm": PUBLIC,
    "orders:order-cancel": PUBLIC,
    "orders:order-change": PUBLIC,
    "orders:order-again": PUBLIC,
    "orders:order-offer": PUBLIC,
    "orders:order-leave-out": PUBLIC,
    "orders:order-return-request": PUBLIC,
    "orders:order-card": PUBLIC,
    "orders:subscription-detail": PUBLIC,
    "orders:subscription-change": PUBLIC,
    # Orders: whoever knows a number, whoever is signed in, and staff
    "orders:order-track": PUBLIC,
    "orders:order-list": ACCOUNT,
    "orders:subscription-list": ACCOUNT,
    "orders:card-remove": ACCOUNT,
    "orders:proof-file": staff_with("orders.view_payment"),
    "account": ACCOUNT,
    "account_profile": ACCOUNT,
    "account_ways_to_sign_in": ACCOUNT,
    "account_consents": ACCOUNT,
    "account_addresses": ACCOUNT,
    "account_address_add": ACCOUNT,
    "account_address_change": ACCOUNT,
    "account_address_default": ACCOUNT,
    "account_address_delete": ACCOUNT,
    "account_organizations": ACCOUNT,
    "account_reauthenticate": ACCOUNT,
    "account_email": ACCOUNT,
    "account_change_password": ACCOUNT,
    "account_set_password": ACCOUNT,
    "mfa_index": ACCOUNT,
    "mfa_reauthenticate": ACCOUNT,
    "mfa_activate_totp": ACCOUNT,
    "mfa_deactivate_totp": ACCOUNT,
    "mfa_view_recovery_codes": ACCOUNT,
    "mfa_generate_recovery_codes": ACCOUNT,
    "mfa_download_recovery_codes": ACCOUNT,
    # The back-office
    "admin:index": STAFF,
    "admin:login": PUBLIC,
    "admin:logout": STAFF,
    "admin:jsi18n": STAFF,
    "admin:autocomplete": STAFF,
    "admin:app_list": STAFF,
    "admin:brand": STAFF,
    "admin:shop_front_publish": staff_with("shop.change_front"),
    "admin:shop_front_start": staff_with("shop.change_front"),
    "admin:shop_homeblock_step": staff_with("shop.change_homeblock"),
    "admin:shop_menuitem_step": staff_with("shop.change_menuitem"),
    "admin:shop_banner_step": staff_with("shop.change_banner"),
    "admin:shop_post_find": staff_with("shop.view_post"),
    "admin:shop_post_preview": staff_with("shop.change_post"),
    "admin:find": STAFF,
    "admin:going-live": staff_with("shop.view_organization"),
    "admin:shop_variant_kit_figure": staff_with("shop.view_variant"),
    "admin:shop_productimport_template": staff_with("shop.view_product"),
    "admin:shop_productimport_export": staff_with("shop.view_product"),
    "admin:shop_productimport_progress": staff_with("shop.view_productimport"),
    "admin:shop_productimport_errors": staff_with("shop.view_productimport"),
    "admin:shop_productimport_step": staff_with("shop.change_productimport"),
    "admin:shop_productimport_undo": staff_with("shop.change_productimport"),
    "admin:shop_stocklevel_move": staff_with("shop.change_stocklevel"),
    "admin:shop_stockcount_step": staff_with("shop.change_stockcount"),
    "admin:shop_product_copy": staff_with("shop.add_product"),
    "admin:shop_variant_copy": staff_with("shop.add_variant"),
    "admin:shop_category_move": staff_with("shop.change_category"),
    "admin:shop_membership_invite": staff_with("shop.add_membership"),
    "admin:shop_membership_invite_again": staff_with("shop.change_membership"),
    "admin:logistics_ratetable_try": staff_with("logistics.view_ratetable"),
    "admin:logistics_ratetable_template": staff_with("logistics.view_ratetable"),
    "admin:logistics_ratetable_export": staff_with("logistics.view_ratetable"),
    "admin:logistics_ratetable_import": staff_with("logistics.change_ratetable"),
    "admin:logistics_carrieraccount_check": staff_with("logistics.change_carrieraccount"),
    "admin:logistics_carrieraccount_words": staff_with("logistics.view_carrieraccount"),
    "admin:warehouse": staff_with("logistics.view_shipment"),
    "admin:warehouse-do": staff_with("logistics.view_shipment"),
    "admin:warehouse-dispatch": staff_with("logistics.view_shipment"),
    "admin:warehouse-handover": staff_with("logistics.view_shipment"),
    "admin:warehouse-pick": staff_with("logistics.view_shipment"),
    "admin:orders_order_pack": staff_with("orders.view_order"),
    "admin:orders_shipmentbatch_labels": staff_with("orders.view_shipmentbatch"),
    "admin:logistics_shipment_step": staff_with("logistics.change_shipment"),
    "admin:logistics_shipment_label": staff_with("logistics.view_shipment"),
    "admin:logistics_cashstatement_give": staff_with("logistics.change_cashstatement"),
    "admin:logistics_cashstatement_missing": staff_with("logistics.view_cashstatement"),
    "admin:logistics_cashstatement_report": staff_with("logistics.view_cashstatement"),
    "admin:logistics_cashstatement_settle": staff_with("logistics.change_cashstatement"),
    "admin:logistics_cashstatement_undo": staff_with("logistics.change_cashstatement"),
    "admin:orders_order_board": staff_with("orders.view_order"),
    "admin:orders_order_export": staff_with("orders.view_order"),
    "admin:orders_order_step": staff_with("orders.view_order"),
    "admin:orders_order_mail": staff_with("orders.view_order"),
    "admin:orders_order_edit": staff_with("orders.change_order"),
    "admin:orders_order_invoices": staff_with("orders.change_invoice"),
    "admin:orders_order_invoice": staff_with("orders.view_payment"),
    "admin:orders_order_packing": staff_with("orders.view_order"),
    "admin:orders_subscription_step": staff_with("orders.change_subscription"),
    "admin:orders_refund_done": staff_with("orders.change_refund"),
    "admin:orders_gatewayevent_again": staff_with("orders.view_gatewayevent"),
    "admin:orders_paymentaccount_check": staff_with("orders.view_paymentaccount"),
    "admin:orders_returnrequest_step": staff_with("orders.view_returnrequest"),
    "admin:shop_auditentry_export": staff_with("shop.view_auditentry"),
    "admin:shop_organization_open_close": OPERATOR,
    "admin:shop_organization_test_mail": staff_with("shop.change_organization"),
    "admin:shop_domain_verify": OPERATOR,
}
# Sockets, by the name of their route (config/asgi.py).
SOCKETS: dict[str, Access] = {
    "board": staff_with("orders.view_order"),
}
# What a page of the admin asks of its model.
_ADMIN_PAGES = {
    "changelist": "view",
    "add": "add",
    "change": "view",
    "history": "view",
    "delete": "delete",
    "views": "view",
}


def access_of(address: str) -> Access | None:
    """Give who may call the address of this name or route; None when it has no row."""
    return ADDRESSES.get(address) or _admin_access(address)


def _admin_access(address: str) -> Access | None:
    namespace, _colon, name = address.partition(":")
    app, _line, rest = name.partition("_")
    model, _line, page = rest.rpartition("_")
    if namespace != "admin" or page not in _ADMIN_PAGES:
        return None
    permission = f"{app}.{_ADMIN_PAGES[page]}_{model}"
    if model not in MODELS and permission not in OPERATOR_ONLY | NEVER:
        return None
    return staff_with(permission)


_current: ContextVar[object | None] = ContextVar("membership", default=None)


@contextmanager
def acting_as(membership) -> Iterator[None]:
    """Let this membership (or None) answer for its user while the block runs."""
    token = _current.set(membership)
    try:
        yield
    finally:
        _current.reset(token)


def current_membership(user):
    """Give the active membership of this user in the organization of this request, or None."""
    membership = _current.get()
    return membership if membership is not None and membership.user_id == user.pk else None


def level(role: str, area: str) -> Level:
    """Give what a role may do in an area."""
    return AREAS[area][Role(role)]


def may(user, permission: str) -> bool:
    """Say whether the user may do this, such as "shop.change_product", here and now."""
    if permission in NEVER:
        return False
    if permission in OPERATOR_ONLY:
        return user.is_superuser
    if user.is_superuser and permission in OPERATOR_ALSO:
        return True
    membership = current_membership(user)
    action, _separator, model = permission.rpartition(".")[2].partition("_")
    area = MODELS.get(model)
    if membership is None or area is None:
        return False
    return level(membership.role, area) >= (Level.LOOK if action == "view" else Level.CHANGE)
