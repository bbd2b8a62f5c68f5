"""What the shop itself puts on the first page: shelves, catalogue, its own data, its people."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ..models import AuditEntry, Membership, Organization, Product, StockLevel
from . import overview
from .filters import LevelFilter
from .overview import News, Step, Waiting
from .site import site

_MOST_NEWS = 8


def waiting(request) -> list[Waiting]:
    """Give what is sold out, low, or not in the shop yet."""
    found = []
    if request.user.has_perm("shop.view_stocklevel"):
        levels = reverse("admin:shop_stocklevel_changelist")
        found += [
            Waiting(
                _("Sold out"),
                LevelFilter.pick(StockLevel.objects.all(), "none"),
                f"{levels}?stock=none",
                "production_quantity_limits",
            ),
            Waiting(
                _("Low stock"),
                LevelFilter.pick(StockLevel.objects.all(), "low"),
                f"{levels}?stock=low",
                "inventory",
            ),
        ]
    if request.user.has_perm("shop.change_product"):
        products = reverse("admin:shop_product_changelist")
        found.append(
            Waiting(
                _("Products not in the shop"),
                Product.objects.filter(is_active=False),
                f"{products}?is_active__exact=0",
                "visibility_off",
                is_quiet=True,
            )
        )
    return found


def steps(request) -> list[Step]:
    """Give what a new shop needs of its own: its data, products, and who helps."""
    may, organization = request.user.has_perm, request.organization
    found = []
    if may("shop.change_organization"):
        found.append(
            Step(
                _("Say who sells"),
                _("Legal name, NIT, address, e-mail and phone: the law asks a shop to show them."),
                reverse("admin:shop_organization_change", args=[organization.pk]),
                "storefront",
                _described(organization),
            )
        )
    if may("shop.change_product"):
        found.append(
            Step(
                _("Add your products"),
                _("One by one, or all at once from your spreadsheet."),
                reverse("admin:shop_productimport_add"),
                "sell",
                Product.objects.filter(is_active=True, listing_price__isnull=False),
            )
        )
    if may("shop.add_membership"):
        found.append(
            Step(
                _("Invite who works with you"),
                _("Each with a role: who packs sees no money."),
                reverse("admin:shop_membership_invite"),
                "group_add",
                Membership.objects.filter(is_active=True),
                needed=2,
                is_extra=True,
            )
        )
    return found


def _described(organization: Organization):
    """Give the organization's row when it shows what the law asks for."""
    return Organization.objects.filter(~Q(phone="") | ~Q(whatsapp=""), pk=organization.pk).exclude(
        Q(legal_name="") | Q(tax_id="") | Q(address_line="") | Q(email="")
    )


def news(request) -> list[News]:
    """Give what people of the shop did last, for who may read the audit."""
    if not request.user.has_perm("shop.view_auditentry"):
        return []
    entries = AuditEntry.objects.exclude(action=AuditEntry.Action.SIGNED_IN)[:_MOST_NEWS]
    return [
        News(
            at=entry.at,
            who=entry.actor_label,
            words=pgettext("audit", "%(action)s: %(kind)s")
            % {"action": entry.get_action_display(), "kind": _kind(entry.model)},
            about=entry.row_label,
            url=reverse("admin:shop_auditentry_change", args=[entry.pk]),
        )
        for entry in entries
    ]


def _kind(model_name: str) -> str:
    for model in site._registry:
        if model._meta.model_name == model_name:
            return str(model._meta.verbose_name)
    return model_name


overview.add(waiting=waiting, steps=steps, news=news)
