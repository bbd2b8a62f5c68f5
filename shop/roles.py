"""Which role may do what, in the admin, the API and the console: the one table.

Permissions are asked in Django's own words ("shop.change_product"), so that the admin, the REST
API and our views put one question and get one answer.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import IntEnum

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
    "stock":        (_C, _C, _C, _C, _L, _L, _L),
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
    "stocklevel": "stock",
    "stockmovement": "stock",
    "customer": "customers",
    "customeridentity": "customers",
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
