"""The same step for many orders: shown first, then done one by one, then told."""

from dataclasses import dataclass, field

from django import forms
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
    """What a step would do: the orders it changes, each with what is asked of it, and the rest."""

    changed: list[tuple[Order, forms.Form]] = field(default_factory=list)
    skipped: list[tuple[Order, str]] = field(default_factory=list)


def preview(step_name: str, orders, *, words, data=None) -> Preview:
    """Say what a step would do with each order, without doing it; `data` is what was answered."""
    step, found = BY_NAME[step_name], Preview()
    for order in orders[:MOST]:
        if step.is_offered(order):
            found.changed.append((order, step.form(data, order=order, prefix=str(order.pk))))
        else:
            reason = fulfilment.why_not_prepare(order) if order.status in _FIRM else ""
            found.skipped.append((order, reason or words(order)))
    return found


def run(step_name: str, found: Preview, *, actor) -> tuple[list[Order], list[tuple[Order, str]]]:
    """Do it one by one, each in a transaction of its own; give what was done and what was not."""
    step, done = BY_NAME[step_name], []
    failed = [(order, _("Somebody else was faster.")) for order, _reason in found.skipped]
    for order, form in found.changed:
        try:
            step.run(order, form.cleaned_data, now=timezone.now(), actor=actor)
        except DomainError as error:
            failed.append((order, str(error)))
        else:
            done.append(order)
    return done, failed
