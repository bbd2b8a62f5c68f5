"""Who works in an organization: nobody gives more than they have, and an owner always stays."""

from django.db import transaction
from django.utils.translation import gettext as _

from config.lib.errors import DomainError

from . import organizations, sockets
from .models import Membership, Organization, User
from .roles import Role

# From most to least: what a role may give to others follows from its place.
_RANKS = {role: rank for rank, role in enumerate(Role)}


class NotYours(DomainError):
    code = "not_yours"


class LastOwner(DomainError):
    code = "last_owner"


def roles_given_by(giver: Membership | None) -> list[Role]:
    """Give the roles that this person may give to others: their own and those below."""
    if giver is None:
        return []
    return [role for role in Role if _RANKS[role] >= _RANKS[giver.role]]


def may_manage(giver: Membership | None, membership: Membership) -> bool:
    """Say whether this person may change what the other may do."""
    return membership.role in roles_given_by(giver)


@transaction.atomic
def invite(
    organization: Organization, *, email: str, role: str, name: str = "", by: Membership
) -> Membership:
    """Give a person a role here; someone who already works here is refused."""
    _require_right_to_give(by, role)
    email = User.objects.clean_email(email)
    if Membership.objects.filter(organization=organization, user__email=email).exists():
        raise DomainError(_("%(email)s already belongs to the team.") % {"email": email})
    return organizations.add_member(organization, email=email, name=name, role=role)


@transaction.atomic
def change(
    membership: Membership,
    *,
    role: str,
    is_active: bool,
    hears_of_low_stock: bool = True,
    by: Membership,
) -> Membership:
    """Change what a person may do and is written about, or take them off the team."""
    # Every owner of the organization, in one order: two owners cannot demote each other at once.
    owners = {
        owner.pk: owner
        for owner in Membership.objects.filter(
            organization_id=membership.organization_id, role=Role.OWNER, is_active=True
        )
        .order_by("pk")
        .select_for_update(no_key=True)
    }
    current = Membership.objects.select_for_update(no_key=True).get(pk=membership.pk)
    if not may_manage(by, current):
        raise NotYours(_("Only someone of the same role or above may change this person."))
    _require_right_to_give(by, role)
    stays_owner = role == Role.OWNER and is_active
    if current.pk in owners and len(owners) == 1 and not stays_owner:
        raise LastOwner(_("The last owner must stay. Make someone else an owner first."))
    current.role, current.is_active = role, is_active
    current.hears_of_low_stock = hears_of_low_stock
    current.save(update_fields=["role", "is_active", "hears_of_low_stock"])
    sockets.look_again(current.user_id)
    return current


def _require_right_to_give(giver: Membership, role: str) -> None:
    if role not in roles_given_by(giver):
        raise NotYours(_("Nobody may give a role above their own."))
