"""What may be done with an order where it stands: one class for each button.

A step says whether it is offered, asks what it needs to know, and calls one operation. Whoever
comes second finds it no longer offered, or hears it from the operation.
"""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from shop.models import User

from .. import (
    cancellation,
    confirmation,
    fulfilment,
    parcels,
    refunds,
    returned,
    returns,
    timeline,
)
from ..models import Order, OrderEvent
from . import money_steps, step_forms
from .step import Step, going_back, outstanding

_Status = Order.Status


class Confirm(Step):
    name = "confirm"
    label = gettext_lazy("Confirm by word")
    permission = "orders.change_order"
    is_main = True
    done = gettext_lazy("The order is confirmed.")

    def is_offered(self, order):
        return order.status == _Status.PENDING and order.is_cash_on_delivery and not order.due_now

    def lead(self, order, *, with_money):
        return [
            _("You spoke with the buyer, and they want this order. Its stock leaves the shelf.")
        ]

    def run(self, order, values, *, now, actor):
        confirmation.confirm_by_word(order, now=now, actor=actor)


class Prepare(Step):
    name = "prepare"
    label = gettext_lazy("Start to prepare")
    is_direct = is_main = True
    done = gettext_lazy("The order is being prepared.")

    def is_offered(self, order):
        return order.status == _Status.CONFIRMED and not fulfilment.why_not_prepare(order)

    def run(self, order, values, *, now, actor):
        fulfilment.prepare(order, now=now, actor=actor)


class Ready(Step):
    name = "ready"
    label = gettext_lazy("Packed and ready")
    is_direct = True
    done = gettext_lazy("The order is ready.")

    def is_offered(self, order):
        is_at_work = order.status in (_Status.CONFIRMED, _Status.PROCESSING)
        return is_at_work and not fulfilment.why_not_prepare(order)

    def run(self, order, values, *, now, actor):
        fulfilment.ready(order, now=now, actor=actor)


class Send(Step):
    name = "send"
    label = gettext_lazy("Make shipment")
    permission = "logistics.change_shipment"
    form = step_forms.PartForm
    done = gettext_lazy("The shipment is made.")

    def is_offered(self, order):
        is_early = order.status in (_Status.CONFIRMED, _Status.PROCESSING, _Status.READY_TO_SHIP)
        return is_early and not parcels.why_not_send(order) and bool(parcels.left_to_send(order))

    def lead(self, order, *, with_money):
        return [_("What you leave out can be sent in another shipment later.")]

    def run(self, order, values, *, now, actor):
        account, given = values["account"], {"quantities": values["quantities"]}
        if account is None:
            parcels.plan_as_chosen(order, **given, now=now, actor=actor)
        else:
            parcels.plan(order, account=account, **given, now=now, actor=actor)


class RequestPickup(Step):
    name = "request-pickup"
    label = gettext_lazy("Carrier was called")
    is_direct = True
    done = gettext_lazy("The carrier was asked to come.")

    def is_offered(self, order):
        return order.status == _Status.READY_TO_SHIP and not order.is_pickup

    def run(self, order, values, *, now, actor):
        fulfilment.request_pickup(order, now=now, actor=actor)


class Ship(Step):
    name = "ship"
    label = gettext_lazy("Dispatch")
    form = step_forms.ShipForm
    is_main = True
    done = gettext_lazy("The order is on its way.")

    def is_offered(self, order):
        is_ready = order.status in (_Status.READY_TO_SHIP, _Status.PICKUP_REQUESTED)
        return is_ready and not order.is_pickup

    def lead(self, order, *, with_money):
        return [_("The buyer gets a mail with what you write here.")] if order.email else []

    def run(self, order, values, *, now, actor):
        fulfilment.ship(order, fulfilment.Parcel(**values), now=now, actor=actor)


class HandOver(Step):
    name = "hand-over"
    label = gettext_lazy("Buyer took it")
    is_main = True
    done = gettext_lazy("The order is handed over.")

    def is_offered(self, order):
        is_ready = order.status in (_Status.READY_TO_SHIP, _Status.PICKUP_REQUESTED)
        return is_ready and order.is_pickup

    def lead(self, order, *, with_money):
        told = [_("The buyer stands at the counter and takes the order with them.")]
        if with_money and order.outstanding:
            told.append(outstanding(order))
        return told

    @transaction.atomic
    def run(self, order, values, *, now, actor):
        fulfilment.ship(order, None, now=now, actor=actor)
        fulfilment.deliver(order, now=now, actor=actor)


class Deliver(Step):
    name = "deliver"
    label = gettext_lazy("It was delivered")
    is_main = True
    done = gettext_lazy("The order is delivered.")

    def is_offered(self, order):
        return order.status == _Status.SHIPPED

    def lead(self, order, *, with_money):
        return [_("The buyer has it. Their days to withdraw are counted from now on.")]

    def run(self, order, values, *, now, actor):
        fulfilment.deliver(order, now=now, actor=actor)


class ComeBack(Step):
    name = "come-back"
    label = gettext_lazy("Came back undelivered")
    form = step_forms.LostForm
    is_danger = True
    done = gettext_lazy("The parcel is taken in as a return. Close it to give the money back.")

    def is_offered(self, order):
        return order.status == _Status.SHIPPED

    def lead(self, order, *, with_money):
        return [_("Nobody accepted the parcel. What is not lost goes back on the shelf.")]

    def run(self, order, values, *, now, actor):
        fulfilment.come_back(order, lost=values["quantities"], now=now, actor=actor)


class TakeReturn(Step):
    name = "return"
    label = gettext_lazy("Take a return")
    permission = "orders.change_order"
    form = step_forms.ReturnForm
    done = gettext_lazy("The return is noted.")

    def is_offered(self, order):
        is_out = order.status in (_Status.SHIPPED, _Status.DELIVERED)
        return is_out and any(found.left for found in returned.returnable(order))

    def run(self, order, values, *, now, actor):
        made = returns.request(
            order,
            kind=values["kind"],
            quantities=values["quantities"],
            reason=values["reason"],
            refund_to=values["refund_to"],
            even_if_late=values["even_if_late"],
            now=now,
            actor=actor,
        )
        return _("The return %(return)s is noted.") % {"return": made}


class Cancel(Step):
    name = "cancel"
    label = gettext_lazy("Cancel order")
    permission = "orders.change_order"
    form = step_forms.CancelForm
    is_danger = True
    done = gettext_lazy("The order is cancelled.")

    def is_offered(self, order):
        return order.is_before_shipping

    def lead(self, order, *, with_money):
        pieces = sum(line.quantity for line in order.lines.all())
        if order.status == _Status.PENDING:
            told = [
                ngettext(
                    "%(count)d piece that is promised can be sold to others again.",
                    "%(count)d pieces that are promised can be sold to others again.",
                    pieces,
                )
                % {"count": pieces}
            ]
        else:
            told = [
                ngettext(
                    "%(count)d piece goes back on the shelf:",
                    "%(count)d pieces go back on the shelf:",
                    pieces,
                )
                % {"count": pieces}
            ]
            told += [
                f"{line.quantity} × {line.name} {line.label}".strip() for line in order.lines.all()
            ]
        left = refunds.refundable(order) if with_money else 0
        if left:
            told.append(going_back(left, order))
        return told

    def run(self, order, values, *, now, actor):
        cancellation.cancel(order, values["reason"], note=values["note"], now=now, actor=actor)


class Note(Step):
    name = "note"
    label = gettext_lazy("Write note")
    form = step_forms.NoteForm
    done = gettext_lazy("Your note is kept.")

    def is_offered(self, order):
        return True

    def run(self, order, values, *, now, actor):
        timeline.record(order, OrderEvent.Kind.NOTE, now=now, actor=actor, note=values["note"])


# In the order of the buttons.
STEPS: list[Step] = [
    money_steps.Revive(),
    money_steps.GiveBack(),
    money_steps.Handled(),
    Confirm(),
    money_steps.MailLink(),
    money_steps.TransferArrived(),
    money_steps.AcceptTransfer(),
    money_steps.RejectTransfer(),
    Prepare(),
    Ready(),
    Send(),
    Ship(),
    HandOver(),
    RequestPickup(),
    Deliver(),
    money_steps.Collect(),
    ComeBack(),
    TakeReturn(),
    money_steps.Ask(),
    money_steps.Refunding(),
    Cancel(),
]
NOTE = Note()
BY_NAME = {step.name: step for step in [*STEPS, NOTE]}
# These belong to what has to be decided, not to the way of the parcel.
DECISIONS = {"revive", "give-back", "handled"}


def offered(order: Order, user: User) -> list[Step]:
    """Give what this person can do with this order now."""
    return [step for step in STEPS if user.has_perm(step.permission) and step.is_offered(order)]
