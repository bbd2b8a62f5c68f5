"""Whose shop this is: from a host name, and for a person who works in several."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from django.conf import settings
from django.core.exceptions import DisallowedHost, ValidationError
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from config.lib.memory import Memory

from .models import Domain, Membership, Organization, User
from .roles import Role
from .signals import activity_asked

# Asked for at every request, and it changes rarely.
_at_host = Memory(seconds=2)


def host_of(request) -> str:
    """Give the host the visitor's browser asked for; nothing when it is malformed."""
    try:
        return request.get_host()
    except DisallowedHost:
        return ""


def clean_host(host: str) -> str:
    """Give the host name of a Host header, without port and in lower case."""
    name = host.lower()
    if not name.startswith("["):
        name = name.partition(":")[0]
    return name.rstrip(".")


def at_host(host: str) -> Organization | None:
    """Give the open organization whose verified domain this is, or None."""
    return _at_host.get(clean_host(host), _open_at)


def _open_at(name: str) -> Organization | None:
    return (
        Organization.objects.open()
        .filter(domains__host=name, domains__verified_at__isnull=False)
        # Every page shows what the shop published around it (see front.py).
        .select_related("front")
        .first()
    )


def main_host(organization: Organization) -> str | None:
    """Give the host name under which the shop is best known, or None when it has none."""
    domain = (
        organization.domains.filter(verified_at__isnull=False)
        .order_by("-is_primary", "host")
        .first()
    )
    return domain.host if domain else None


def base_url(organization: Organization) -> str:
    """Give the start of the shop's absolute addresses, for mails and whatever has no request."""
    host = main_host(organization)
    if host is None:
        return ""
    return url_at(host)


def url_at(host: str) -> str:
    """Give the start of the absolute addresses at a host name."""
    # Without servers of its own, an installation answers at the port where it listens.
    has_port = settings.IS_EMBEDDED and settings.SITE_SCHEME == "http" and settings.PORT != 80
    return f"{settings.SITE_SCHEME}://{host}" + (f":{settings.PORT}" if has_port else "")


@dataclass(frozen=True)
class Activity:
    """How much is sold in a shop, and by how many people."""

    staff: int = 0
    orders: int = 0
    last_order_on: date | None = None


def activity_of(organizations: list[Organization], *, now: datetime) -> dict:
    """Give the activity of each of these shops by its key, for operators."""
    found = {organization.pk: Activity() for organization in organizations}
    if not found:
        return found
    with scope(organization=organizations):
        for _receiver, told in activity_asked.send(Organization, now=now):
            found |= told
        team = Membership.objects.filter(is_active=True).order_by().values("organization_id")
        for row in team.annotate(people=Count("pk")):
            key = row["organization_id"]
            found[key] = replace(found[key], staff=row["people"])
    return found


@transaction.atomic
def create(
    *, name: str, slug: str, host: str, owner_email: str, owner_name: str = "", **fields
) -> Organization:
    """Open an organization with its first address and its owner."""
    organization = Organization(name=name, slug=slug, **fields)
    organization.full_clean()
    organization.save()
    domain = Domain(
        organization=organization, host=host, is_primary=True, verified_at=timezone.now()
    )
    domain.full_clean()
    domain.save()
    with scope(organization=organization):
        add_member(organization, email=owner_email, name=owner_name, role=Role.OWNER)
    _at_host.clear()
    return organization


def add_member(organization: Organization, *, email: str, role: str, name: str = "") -> Membership:
    """Give a person a role; a new person has no password yet and signs in by link."""
    email = User.objects.clean_email(email)
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User(email=email, name=name)
        user.set_unusable_password()
        user.full_clean(exclude=["password"])
        user.save()
    membership = Membership(
        organization=organization, user=user, role=role, invited_at=timezone.now()
    )
    try:
        membership.full_clean()
    except ValidationError:
        membership = Membership.objects.get(organization=organization, user=user)
        membership.role, membership.is_active = role, True
    membership.save()
    return membership


def of_user(user: User) -> list[Membership]:
    """Give a person's active memberships in every open organization, with each organization."""
    # The one place that looks across organizations for a merchant's row: the person's own.
    with scopes_disabled():
        return list(
            Membership.objects.filter(user=user, is_active=True, organization__is_active=True)
            .select_related("organization")
            .order_by("organization__name", "id")
        )


def membership_at(organization: Organization, user: User) -> Membership | None:
    """Give what the user may be here and now; a deactivated person is nothing at once."""
    if not user.is_active:
        return None
    return (
        Membership.objects.filter(organization=organization, user=user, is_active=True)
        .select_related("organization")
        .first()
    )
