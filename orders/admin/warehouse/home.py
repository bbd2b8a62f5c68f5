"""What the warehouse has to do now: every bucket with its count, and the list of one.

A row says of money whether it is paid or collected at the door, and no page here knows more.
"""

from django.db.models import Prefetch
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from logistics import addresses
from logistics.models import Shipment
from shop import postal
from shop.admin import overview, saved_views
from shop.admin.site import site

from ... import warehouse
from ...models import Order, OrderLine
from .. import order_page, sight
from . import packing as packing_screen

_MOST = 999
_ON_PAGE = 50
_TONES = {warehouse.PAID: "success", warehouse.COLLECT: "warning"}
_STATE_TONES = {
    "refused": "danger",
    "uncertain": "danger",
    "incident": "danger",
    "label_ready": "info",
    "returned": "danger",
}
# What may be done with the rows of a bucket: the deed and its button.
_DEEDS = {
    "empacar": ["pick", "slips", "send", "together"],
    "enviar": ["send", "together", "pick"],
    "rotulo": ["again"],
    "entregar": ["labels", "call", "list", "hand-over"],
    "mostrador": ["slips"],
}


def page(request):
    """Show the buckets and the list of the one that was chosen."""
    now = timezone.now()
    payment = request.GET.get("pago", "")
    chosen = warehouse.BY_NAME.get(request.GET.get("cola", ""), None)
    counts = _counts(now, payment)
    if chosen is None:
        chosen = warehouse.BY_NAME[_first(counts)]
    found, following = _page_of(chosen, request.GET.get("desde", ""), now=now, payment=payment)
    address = reverse("admin:warehouse")
    this = f"{address}?cola={chosen.name}&pago={payment if payment in _TONES else ''}"
    context = {
        **site.each_context(request),
        "title": _("Warehouse"),
        "is_fullwidth": "1",
        "buckets": [_bucket(one, counts, chosen, address, payment) for one in warehouse.BUCKETS],
        "chosen": chosen,
        "rows": found,
        "deeds": _deeds(request, chosen) if found else [],
        "payments": _payments(chosen, payment, address),
        "next_address": following and f"{this}&desde={following}",
        "is_later_page": bool(request.GET.get("desde")),
    }
    answer = TemplateResponse(request, "admin/orders/warehouse/home.html", context)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _counts(now, payment: str) -> dict[str, int]:
    querysets = [warehouse.rows(one, now=now, payment=payment) for one in warehouse.BUCKETS]
    numbers = overview.count_each(querysets, _MOST)
    return {one.name: number for one, number in zip(warehouse.BUCKETS, numbers, strict=True)}


def _first(counts: dict[str, int]) -> str:
    """Give the work that is there, packing before everything else."""
    if counts[warehouse.USUAL]:
        return warehouse.USUAL
    # What waits for a buyer's word is not the warehouse's to do.
    waiting = [name for name, number in counts.items() if number and name != "confirmar"]
    return waiting[0] if waiting else warehouse.USUAL


def _bucket(one: warehouse.Bucket, counts, chosen, address: str, payment: str) -> dict:
    number = counts[one.name]
    return {
        "label": one.label,
        "icon": one.icon,
        "number": f"{_MOST}+" if number > _MOST else str(number),
        "is_empty": not number,
        "is_urgent": one.is_urgent and number,
        "is_chosen": one is chosen,
        "url": f"{address}?cola={one.name}" + (f"&pago={payment}" if payment else ""),
    }


def _payments(chosen: warehouse.Bucket, payment: str, address: str) -> list[dict]:
    return [
        {
            "label": label,
            "url": f"{address}?cola={chosen.name}" + (f"&pago={value}" if value else ""),
            "is_chosen": payment == value,
        }
        for value, label in (
            ("", _("All")),
            (warehouse.PAID, sight.payment_word(warehouse.PAID)),
            (warehouse.COLLECT, sight.payment_word(warehouse.COLLECT)),
        )
    ]


def _deeds(request, chosen: warehouse.Bucket) -> list[dict]:
    labels = {
        "pick": _("Pick list"),
        "slips": _("Packing slips"),
        "send": _("Label and request pick-up"),
        "again": _("Try again"),
        "labels": _("Print labels"),
        "list": _("Hand-over list"),
        "hand-over": _("Handed over"),
        "call": _("Request pick-up"),
        "together": _("Send together"),
    }
    may_send = request.user.has_perm("logistics.change_shipment")
    may_change = dict.fromkeys(("send", "together", "again", "call", "hand-over"), may_send)
    names = [name for name in _DEEDS.get(chosen.name, ()) if may_change.get(name, True)]
    return [{"name": name, "label": labels[name]} for name in names]


# --- The list -------------------------------------------------------------------------------------


def _page_of(chosen, after: str, *, now, payment: str) -> tuple[list[dict], str]:
    """Give one page of a bucket, what waits longest first, and from where the next one goes on."""
    found = warehouse.rows(chosen, now=now, payment=payment)
    if chosen.is_of_shipments:
        key = saved_views.key_of(after)
        found = found.filter(pk__gt=key) if key else found
        shown = list(_shipments(found).order_by("pk")[: _ON_PAGE + 1])
        rows = [_shipment(one) for one in shown[:_ON_PAGE]]
        last = str(shown[_ON_PAGE - 1].pk) if len(shown) > _ON_PAGE else ""
    else:
        number = int(after) if after.isascii() and after.isdecimal() and len(after) < 16 else 0
        shown = list(_orders(found.filter(number__gt=number)).order_by("number")[: _ON_PAGE + 1])
        rows = [_order(one) for one in shown[:_ON_PAGE]]
        last = str(shown[_ON_PAGE - 1].number) if len(shown) > _ON_PAGE else ""
    return rows, last


def _orders(found):
    lines = OrderLine.objects.only("order", "quantity").order_by()
    fields = ("organization", "number", "name", "status", "delivery", "delivery_label", "notes")
    fields += ("is_pickup", "is_test", "payment_method", "total", "paid", "refunded")
    fields += ("placed_at", "confirmed_at", "claimed_by")
    people = ("claimed_by__name", "claimed_by__email")
    rows = found.select_related("claimed_by").only(*fields, *people)
    return rows.prefetch_related(Prefetch("lines", queryset=lines))


def _order(order: Order) -> dict:
    at_work = order.status in (Order.Status.CONFIRMED, Order.Status.PROCESSING)
    return {
        "key": order.pk,
        "label": order.label,
        "url": sight.order_address(order.pk),
        "name": Truncator(order.name).chars(40),
        "place": _("In the shop") if order.is_pickup else postal.town(order.delivery),
        "way": order.delivery_label,
        "pieces": sum(line.quantity for line in order.lines.all()),
        "since": order_page.short_moment(order.confirmed_at or order.placed_at),
        "payment": sight.payment_word(warehouse.payment_of(order)),
        "payment_tone": _TONES[warehouse.payment_of(order)],
        "status": sight.status_words(order, with_money=False),
        "status_tone": sight.STATUS_TONES[order.status],
        "hands": str(order.claimed_by) if order.claimed_by and at_work else "",
        "note": Truncator(order.notes).chars(90),
        "is_test": order.is_test,
        "problem": "",
        "pack_url": packing_screen.address(order.pk) if at_work else "",
    }


def _shipments(found):
    fields = ("organization", "code", "reference", "carrier_name", "tracking_number", "state")
    fields += ("recipient", "cash_to_collect", "error", "state_at", "is_test", "raw_state")
    return found.only(*fields, "service_name", "is_raw_state_unknown", "promised_on", "account")


def _shipment(shipment: Shipment) -> dict:
    payment = warehouse.COLLECT if shipment.cash_to_collect else warehouse.PAID
    return {
        "key": shipment.pk,
        "label": shipment.code,
        "url": reverse("admin:logistics_shipment_change", args=[shipment.pk]),
        "name": Truncator(addresses.recipient(shipment).name).chars(40),
        "place": postal.town(shipment.recipient),
        "way": f"{shipment.carrier_name} {shipment.tracking_number}".strip(),
        "pieces": "",
        "since": order_page.short_moment(shipment.state_at),
        "payment": sight.payment_word(payment),
        "payment_tone": _TONES[payment],
        "status": shipment.get_state_display(),
        "status_tone": _STATE_TONES.get(shipment.state, "primary"),
        "hands": "",
        "note": shipment.raw_state if shipment.is_raw_state_unknown else "",
        "is_test": shipment.is_test,
        "problem": shipment.error,
    }


# --- The first page of the back-office ------------------------------------------------------------

# Orders to pack stand there already, as what is to be prepared.
_AT_HOME = ("enviar", "rotulo", "entregar", "novedades", "tarde", "devueltos")


def waiting(request) -> list[overview.Waiting]:
    """Give what waits in the warehouse and stands in no queue of orders."""
    if not request.user.has_perm("logistics.view_shipment"):
        return []
    address, now = reverse("admin:warehouse"), timezone.now()
    return [
        overview.Waiting(
            str(bucket.label),
            warehouse.rows(bucket, now=now),
            f"{address}?cola={name}",
            bucket.icon,
            is_urgent=bucket.is_urgent,
        )
        for name in _AT_HOME
        for bucket in [warehouse.BY_NAME[name]]
    ]
