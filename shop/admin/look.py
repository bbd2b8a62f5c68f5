"""How the back-office looks: the shop's name and colours, and the menu of what one may see."""

import hashlib

from django.conf import settings
from django.shortcuts import resolve_url
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django_scopes import get_scope
from unfold.settings import get_config

from .. import branding
from ..storefront import shell

# How much of the shop's colour each step of the scale holds; the rest is white, then black.
_TINTS = {50: 0.05, 100: 0.1, 200: 0.2, 300: 0.36, 400: 0.62, 500: 0.85}
_SHADES = {600: 1.0, 700: 0.86, 800: 0.72, 900: 0.58, 950: 0.36}


def here():
    """Give the organization whose scope is open."""
    return get_scope()["organization"]


def site_title(request):
    return request.organization.name


def is_test_mode(request):
    return not request.organization.is_live


def environment(request):
    """Give the badge that says that nothing here is real yet."""
    return [_("Test mode"), "warning"] if is_test_mode(request) else None


def environment_prefix(request):
    return "[" + _("Test mode") + "] " if is_test_mode(request) else None


def logo(request):
    return branding.logo_url(request.organization) or None


def favicon(request):
    return shell.describe(request.organization).get("icon_url") or static("img/icon.svg")


def brand_address(request):
    """Give the address of the shop's colours; it changes when they do."""
    version = hashlib.blake2b(stylesheet(request.organization).encode(), digest_size=6)
    return f"{reverse('admin:brand')}?v={version.hexdigest()}"


def own_styles_address(request):
    return static("css/admin.css")


def own_script_address(request):
    return static("js/admin.js")


def quick_find_address(request):
    return static("js/quick-find.js")


def account_links(request):
    return [
        {"title": _("My account"), "link": resolve_url(settings.LOGIN_REDIRECT_URL)},
        {"title": _("My shops"), "link": reverse("account_organizations")},
    ]


def stylesheet(organization) -> str:
    """Write the colours of the back-office: the shop's own as primary, unfold's for the rest."""
    colors = get_config()["COLORS"]
    lines = [
        f"--color-{name}-{weight}: {value};"
        for name in ("base", "font")
        for weight, value in colors[name].items()
    ]
    lines += [
        f"--color-primary-{weight}: {value};"
        for weight, value in scale(organization.brand_colour).items()
    ]
    return "\n".join([":root {", *lines, "}", ""])


def scale(colour: str) -> dict[int, str]:
    """Give eleven steps from nearly white to nearly black through this colour (#rrggbb)."""
    parts = [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
    steps = {}
    for weight, share in _TINTS.items():
        steps[weight] = _hex(255 - (255 - part) * share for part in parts)
    for weight, share in _SHADES.items():
        steps[weight] = _hex(part * share for part in parts)
    return steps


def _hex(parts) -> str:
    return "#" + "".join(f"{round(part):02x}" for part in parts)


# The menu: a title, then what each line is called, the app and model it lists, its icon, and its
# address when it is no list.
_OWN_SETTINGS = "shop_organization_change"
# Seen in test mode only.
_PRACTICE = "logistics_practiceparcel_changelist"
_MENU = [
    (
        gettext_lazy("Orders"),
        [
            (gettext_lazy("Orders"), "orders", "order", "receipt_long"),
            (gettext_lazy("Warehouse"), "logistics", "shipment", "warehouse", "warehouse"),
            (gettext_lazy("Board"), "orders", "order", "view_kanban", "orders_order_board"),
            (gettext_lazy("Shipments"), "logistics", "shipment", "local_shipping"),
            (gettext_lazy("Drafts"), "orders", "cart", "edit_note"),
            (gettext_lazy("Returns"), "orders", "returnrequest", "assignment_return"),
            (gettext_lazy("Subscriptions"), "orders", "subscription", "autorenew"),
            (gettext_lazy("Plans"), "orders", "subscriptionplan", "event_repeat"),
            (gettext_lazy("Vouchers"), "orders", "voucher", "confirmation_number"),
            (gettext_lazy("Offers"), "orders", "offer", "add_shopping_cart"),
            (gettext_lazy("Sales"), "orders", "dailysales", "monitoring"),
        ],
    ),
    (
        gettext_lazy("Money"),
        [
            (gettext_lazy("Refunds"), "orders", "refund", "currency_exchange"),
            (gettext_lazy("Transactions"), "orders", "gatewaytransaction", "credit_card"),
            (gettext_lazy("Cash on delivery"), "logistics", "cashstatement", "payments"),
            (gettext_lazy("Gateway events"), "orders", "gatewayevent", "webhook"),
            (gettext_lazy("Ways to pay"), "orders", "paymentaccount", "account_balance"),
        ],
    ),
    (
        gettext_lazy("Catalogue"),
        [
            (gettext_lazy("Products"), "shop", "product", "sell"),
            (gettext_lazy("Variants and prices"), "shop", "variant", "style"),
            (gettext_lazy("Categories"), "shop", "category", "category"),
            (gettext_lazy("Benefits"), "shop", "benefit", "spa"),
            (gettext_lazy("Import"), "shop", "productimport", "upload_file"),
        ],
    ),
    (
        gettext_lazy("Content"),
        [
            (gettext_lazy("Home page and menu"), "shop", "front", "web"),
            (gettext_lazy("Articles and rituals"), "shop", "post", "article"),
            (gettext_lazy("Subjects"), "shop", "postcategory", "topic"),
        ],
    ),
    (
        gettext_lazy("Stock"),
        [
            (gettext_lazy("Levels"), "shop", "stocklevel", "inventory_2"),
            (gettext_lazy("Movements"), "shop", "stockmovement", "swap_vert"),
            (gettext_lazy("Counts"), "shop", "stockcount", "barcode_scanner"),
            (gettext_lazy("Waited for"), "shop", "stockalert", "notifications"),
            (gettext_lazy("Promises"), "shop", "stockreservation", "bookmark"),
            (gettext_lazy("Proofs"), "shop", "stockcheck", "fact_check"),
        ],
    ),
    (
        pgettext_lazy("page", "Delivery"),
        [
            (gettext_lazy("Incidents"), "logistics", "incident", "report"),
            (gettext_lazy("Rate tables"), "logistics", "ratetable", "local_shipping"),
            (gettext_lazy("Carriers"), "logistics", "carrieraccount", "handshake"),
            (gettext_lazy("Carriers' notices"), "logistics", "carriernotice", "webhook"),
            (gettext_lazy("Places of dispatch"), "logistics", "origin", "warehouse"),
            (gettext_lazy("Parcels and labels"), "logistics", "deliverysettings", "package_2"),
            (
                gettext_lazy("Practice carrier"),
                "logistics",
                "practiceparcel",
                "toys",
                _PRACTICE,
            ),
        ],
    ),
    (
        gettext_lazy("People"),
        [
            (gettext_lazy("Customers"), "shop", "customer", "group"),
            (gettext_lazy("Team"), "shop", "membership", "badge"),
        ],
    ),
    (
        gettext_lazy("Shop"),
        [
            (gettext_lazy("Settings"), "shop", "organization", "storefront", _OWN_SETTINGS),
            (
                gettext_lazy("Ready to sell"),
                "shop",
                "organization",
                "rocket_launch",
                "going-live",
            ),
            (gettext_lazy("Audit"), "shop", "auditentry", "history"),
        ],
    ),
    (
        gettext_lazy("Installation"),
        [
            # Seen by whoever may see every domain.
            (
                gettext_lazy("Organizations"),
                "shop",
                "domain",
                "domain",
                "shop_organization_changelist",
            ),
            (gettext_lazy("Domains"), "shop", "domain", "language"),
            (gettext_lazy("Users"), "shop", "user", "person"),
        ],
    ),
]


def navigation(request):
    """Give the menu with only what this person may see."""
    today = {"title": _("Today"), "icon": "space_dashboard", "link": reverse("admin:index")}
    groups = [{"title": None, "items": [today]}]
    for title, lines in _MENU:
        seen = [
            {
                "title": label,
                "icon": icon,
                "link": _address(request, page[0] if page else f"{app}_{name}_changelist"),
            }
            for label, app, name, icon, *page in lines
            if request.user.has_perm(f"{app}.view_{name}")
            and not (_PRACTICE in page and request.organization.is_live)
        ]
        if seen:
            groups.append({"title": title, "items": seen})
    _mark(request, [item for group in groups[1:] for item in group["items"]])
    return groups


def _address(request, page: str) -> str:
    return reverse(f"admin:{page}", args=[request.organization.pk] if page == _OWN_SETTINGS else [])


def _mark(request, items: list[dict]) -> None:
    """Mark the one page that is open: unfold would mark every address it starts with as well."""
    opened = [item for item in items if request.path.startswith(item["link"])]
    nearest = max(opened, key=lambda item: len(item["link"]), default=None)
    for item in items:
        item["active"] = item is nearest
