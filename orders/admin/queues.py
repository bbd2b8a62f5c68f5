"""The work of the day: which orders wait for what, and how many."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import admin
from django.db.models import CharField, F, Q, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ..models import Order, PaymentAttempt, ReturnRequest

# Beyond this a tab says "more than", and costs no more.
MOST = 99
_Status = Order.Status
_OPEN_RETURNS = [
    ReturnRequest.Status.REQUESTED,
    ReturnRequest.Status.ACCEPTED,
    ReturnRequest.Status.RECEIVED,
    ReturnRequest.Status.INSPECTED,
]


def _with_proof():
    return PaymentAttempt.objects.filter(
        proof_at__isnull=False,
        status__in=[PaymentAttempt.Status.STARTED, PaymentAttempt.Status.PENDING],
        order__status=_Status.PENDING,
    ).values("order")


def _to_confirm(orders):
    """Cash on delivery that waits for the buyer's word, and transfers with a proof to look at."""
    by_word = Q(payment_method="cash", due_first__lte=F("paid") - F("refunded"))
    return orders.filter(by_word | Q(pk__in=_with_proof()), status=_Status.PENDING)


def _waiting(orders):
    by_word = Q(payment_method="cash", due_first__lte=F("paid") - F("refunded"))
    return orders.filter(status=_Status.PENDING).exclude(by_word).exclude(pk__in=_with_proof())


def _to_prepare(orders):
    return orders.filter(status__in=[_Status.CONFIRMED, _Status.PROCESSING])


def _ready(orders):
    return orders.filter(status__in=[_Status.READY_TO_SHIP, _Status.PICKUP_REQUESTED])


def _to_decide(orders):
    return orders.exclude(concern="")


def _returns(orders):
    found = ReturnRequest.objects.filter(status__in=_OPEN_RETURNS)
    return orders.filter(pk__in=found.values("order"))


@dataclass(frozen=True)
class Queue:
    """Orders that wait for the same thing; some are nobody's business who sees no money."""

    name: str
    label: object
    pick: Callable
    is_money: bool = False


QUEUES = [
    Queue("waiting", _("To be paid"), _waiting, is_money=True),
    Queue("confirm", _("To confirm"), _to_confirm, is_money=True),
    Queue("prepare", _("To prepare"), _to_prepare),
    Queue("ready", _("Ready to leave"), _ready),
    Queue("decide", _("To decide"), _to_decide, is_money=True),
    Queue("returns", _("Returns"), _returns),
]

# Everybody's work.
DEFAULT = "prepare"


def seen(*, with_money: bool) -> list[Queue]:
    return [queue for queue in QUEUES if with_money or not queue.is_money]


def counts(*, with_money: bool) -> dict[str, str]:
    """Give how many orders wait in each queue, in one query and no further than a bound."""
    first, *rest = [
        queue.pick(Order.objects.order_by())
        .annotate(queue=Value(queue.name, output_field=CharField()))
        .values_list("queue")[: MOST + 1]
        for queue in seen(with_money=with_money)
    ]
    counted = Counter(name for (name,) in first.union(*rest, all=True))
    return {
        queue.name: f"{MOST}+" if counted[queue.name] > MOST else str(counted[queue.name])
        for queue in seen(with_money=with_money)
    }


def tabs(chosen: str, *, with_money: bool) -> list[dict]:
    """Give the tabs above the list: each queue with its count, and all orders at the end."""
    address = reverse("admin:orders_order_changelist")
    counted = counts(with_money=with_money)
    found = [
        {
            "label": queue.label,
            "count": counted[queue.name],
            "is_empty": counted[queue.name] == "0",
            "is_urgent": queue.name == "decide" and counted[queue.name] != "0",
            "url": f"{address}?queue={queue.name}",
            "is_chosen": queue.name == chosen,
        }
        for queue in seen(with_money=with_money)
    ]
    return [*found, {"label": _("All"), "url": address, "is_chosen": not chosen}]


class QueueFilter(admin.SimpleListFilter):
    title = _("work")
    parameter_name = "queue"

    def lookups(self, request, model_admin):
        with_money = request.user.has_perm("orders.view_payment")
        return [(queue.name, queue.label) for queue in seen(with_money=with_money)]

    def queryset(self, request, queryset):
        known = {str(name) for name, _label in self.lookup_choices}
        queue = next((queue for queue in QUEUES if queue.name == self.value()), None)
        return queue.pick(queryset) if queue and queue.name in known else queryset
