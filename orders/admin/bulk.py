"""The same step for many orders: shown first, then done one by one, then told."""

from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _

from config.lib.errors import DomainError

from .. import fulfilment
from ..models import Order
from .steps import BY_NAME

# More than this in one go is a slip of the mouse.
MOST = 200
_FIRM = (Order.Status.CONFIRMED, Order.Status.PROCESSING)


@dataclass
class Preview:
    """What a step would do: the orders it changes, and the others with the reason."""

    changed: list[Order] = field(default_factory=list)
    skipped: list[tuple[Order, str]] = field(default_factory=list)


def preview(step_name: str, orders, *, words) -> Preview:
    """Say what a step would do with each order, without doing it."""
    step, found = BY_NAME[step_name], Preview()
    for order in orders[:MOST]:
        if step.is_offered(order):
            found.changed.append(order)
        else:
            reason = fulfilment.why_not_prepare(order) if order.status in _FIRM else ""
            found.skipped.append((order, reason or words(order)))
    return found


def run(step_name: str, orders, *, actor) -> tuple[list[Order], list[tuple[Order, str]]]:
    """Do it one by one, each in a transaction of its own; give what was done and what was not."""
    step, done, failed = BY_NAME[step_name], [], []
    for order in orders[:MOST]:
        if not step.is_offered(order):
            failed.append((order, _("Somebody else was faster.")))
            continue
        try:
            step.run(order, {}, now=timezone.now(), actor=actor)
        except DomainError as error:
            failed.append((order, str(error)))
        else:
            done.append(order)
    return done, failed
