"""What a shop still lacks before it sells for real: each point is well, or says what to do."""

import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from .models import Organization, Product
from .signals import readiness_asked

_BACKUP_DAYS = 7
LEGAL_FIELDS = ("legal_name", "tax_id", "address_line", "city", "email", "phone")
# Names that work on one machine, or in an example.
_NOT_PUBLIC = (".localhost", ".local", ".test", ".example", ".invalid", ".example.com")


@dataclass(frozen=True)
class Point:
    """One thing to be right; without problems it is. `permission` is asked of who may mend it."""

    subject: str
    problems: tuple[str, ...] = ()
    url: str = ""
    permission: str = ""
    # Only the operator of the installation can do something about it.
    is_of_installation: bool = False
    # Without it nothing can be sold: a shop does not go live before.
    is_needed: bool = False


def points(organization: Organization) -> list[Point]:
    """Give every point of this shop, whose scope is open, those of other apps among them."""
    found = [_legal(organization), _domain(organization), _catalogue()]
    for _receiver, theirs in readiness_asked.send(Organization, organization=organization):
        found += theirs
    return [*found, _mail(organization), _encryption(), _backups()]


def missing(organization: Organization) -> list[Point]:
    """Give what keeps this shop, whose scope is open, from selling at all."""
    return [point for point in points(organization) if point.is_needed and point.problems]


def _legal(organization: Organization) -> Point:
    wanted = {
        "legal_name": _("Write the legal name."),
        "tax_id": _("Write the tax number (NIT)."),
        "address_line": _("Write the address."),
        "city": _("Write the city."),
        "email": _("Write the e-mail address at which customers reach the shop."),
        "phone": _("Write the phone number."),
    }
    return Point(
        _("Legal data"),
        tuple(problem for field, problem in wanted.items() if not getattr(organization, field)),
        reverse("admin:shop_organization_change", args=[organization.pk]),
        "shop.change_organization",
        is_needed=True,
    )


def _domain(organization: Organization) -> Point:
    verified = organization.domains.filter(verified_at__isnull=False)
    hosts = list(verified.filter(is_primary=True).values_list("host", flat=True))
    problems = []
    if not hosts:
        problems.append(_("No domain is both primary and verified."))
    problems += [
        _("%(host)s is not an address that the world can reach.") % {"host": host}
        for host in hosts
        if f".{host}".endswith(_NOT_PUBLIC) or "." not in host
    ]
    return Point(
        _("Domain"),
        tuple(problems),
        reverse("admin:shop_domain_changelist"),
        "shop.change_domain",
        is_of_installation=True,
    )


def _catalogue() -> Point:
    has_products = Product.objects.filter(is_active=True).exists()
    return Point(
        _("Products"),
        () if has_products else (_("Add a product and make it active."),),
        reverse("admin:shop_product_changelist"),
        "shop.change_product",
        is_needed=True,
    )


def _mail(organization: Organization) -> Point:
    problems = []
    if settings.MAIL_DELIVERY_BACKEND.startswith("config."):
        problems.append(_("E-mails are only written to files: set EMAIL_URL or RESEND_API_KEY."))
    if "localhost" in settings.DEFAULT_FROM_EMAIL:
        problems.append(_("E-mails have no sender: set DEFAULT_FROM_EMAIL."))
    return Point(_("E-mail"), tuple(problems), is_of_installation=True)


def _encryption() -> Point:
    problems = []
    if not settings.IS_HTTPS:
        problems.append(_("Pages are not encrypted: set SITE_SCHEME=https behind a proxy."))
    if settings.DEBUG:
        problems.append(_("DEBUG is on: it shows strangers how the shop works inside."))
    if settings.PRACTICE_MAIL_FOR_ALL:
        problems.append(_("PRACTICE_MAIL_FOR_ALL is on: it is for public demos."))
    return Point(_("Safe connection"), tuple(problems), is_of_installation=True)


def _backups() -> Point:
    stamp = Path(settings.BACKUP_STAMP)
    age = (time.time() - stamp.stat().st_mtime) / 86_400 if stamp.exists() else None
    problem = ""
    if age is None:
        problem = _("No backup was ever made: see “Backups” in docs/deployment.md.")
    elif age > _BACKUP_DAYS:
        problem = _("The last backup is %(days)d days old.") % {"days": age}
    return Point(_("Backup"), (problem,) if problem else (), is_of_installation=True)
