"""From an order to its shipments: what is still to be sent, and the wish to send it.

A shipment is planned under the lock of its orders and only for what may leave: each piece once, of
goods that are paid, or promised to be paid at the door. Who carries it hears of it afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from config.lib.errors import DomainError
from logistics import carrier_quotes, carriers, shipments
from logistics import parcels as boxing
from logistics.models import CarrierAccount, DeliverySettings, Origin, RateTable, Shipment
from logistics.models.shipments import State
from shop.models import Organization, User

from . import holding, parcel_contents
from .models import Order, OrderLine, OrderShipment, OrderShipmentLine

_MOST_TOGETHER = 10
# How the code of a rate table begins (see logistics/quotes.py).
_OF_RATES = "rate-"
# What was left over when an order left may follow it.
_ON = (
    Order.Status.CONFIRMED,
    Order.Status.PROCESSING,
    Order.Status.READY_TO_SHIP,
    Order.Status.PICKUP_REQUESTED,
    Order.Status.SHIPPED,
)


class CannotSend(DomainError):
    """This order, or so much of it, cannot be sent so."""

    code = "cannot_send"


class ChooseCarrier(CannotSend):
    """What the buyer chose cannot be had: staff choose who carries it."""

    code = "choose_carrier"


@dataclass(frozen=True)
class Choice:
    """Who carries: an account with its service, or a name without an account."""

    carrier_name: str
    account: CarrierAccount | None = None
    service: str = ""
    service_name: str = ""
    # Of a number that somebody wrote down.
    tracking_number: str = ""
    tracking_url: str = ""


# --- What is left ---------------------------------------------------------------------------------


def left_to_send(order: Order) -> dict[UUID, int]:
    """Give how many pieces of each line, by its key, lie in no shipment yet."""
    if _left_whole(order):
        return {}
    sent = dict(
        OrderShipmentLine.objects.filter(order_shipment__in=_live(order))
        .values_list("line")
        .annotate(Sum("quantity"))
    )
    left = {line.pk: line.quantity - sent.get(line.pk, 0) for line in order.lines.all()}
    return {key: quantity for key, quantity in left.items() if quantity > 0}


def live(order: Order) -> list[Shipment]:
    """Give the shipments of an order that were not cancelled, the oldest first."""
    return list(
        Shipment.objects.filter(order_shipments__order=order)
        .exclude(state=State.CANCELLED)
        .order_by("id")
    )


def _live(order: Order):
    return OrderShipment.objects.filter(order=order, shipment__isnull=False).exclude(
        shipment__state=State.CANCELLED
    )


def _left_whole(order: Order) -> bool:
    """Say whether all of it left before shipments were rows of their own."""
    return OrderShipment.objects.filter(order=order, shipment=None).exists()


def why_not_send(order: Order) -> str:
    """Say why nothing of an order may be sent; nothing when it may."""
    if order.is_pickup:
        return _("The buyer picks order %(order)s up.") % {"order": order}
    if order.status not in _ON:
        return _("Order %(order)s is “%(status)s” and is not sent.") % {
            "order": order,
            "status": order.status_label,
        }
    return holding.why_not_prepare(order)


# --- Who carries ----------------------------------------------------------------------------------


def chosen(order: Order) -> Choice:
    """Give who carries it as the buyer chose and paid for, or raise ChooseCarrier."""
    of_carrier = carrier_quotes.account_of(order.delivery_code)
    if of_carrier is not None:
        key, service = of_carrier
        account = CarrierAccount.objects.filter(pk=key, is_active=True).first()
        if account is not None and account.is_live == order.organization.is_live:
            return Choice(account.name, account, service, order.delivery_label)
    elif order.delivery_code.startswith(_OF_RATES):
        table = RateTable.objects.filter(pk=_key(order.delivery_code)).first()
        return Choice((table and table.carrier) or order.delivery_label[:60] or _("Own courier"))
    raise ChooseCarrier(
        _("What the buyer of order %(order)s chose is no longer there. Choose who carries it.")
        % {"order": order}
    )


def _key(code: str) -> UUID | None:
    try:
        return UUID(code.removeprefix(_OF_RATES))
    except ValueError:
        return None


# --- The wish -------------------------------------------------------------------------------------


def plan(
    order: Order,
    *,
    account: CarrierAccount | None,
    service: str = "",
    carrier_name: str = "",
    quantities: Mapping[UUID, int] | None = None,
    now: datetime,
    actor: User | None = None,
    origin: Origin | None = None,
) -> Shipment:
    """Decide to send an order with this carrier, or so many pieces of its lines.

    Without an account the shop brings it itself, or somebody of this name does. What is not named
    in `quantities` stays to be sent in another shipment.
    """
    choice = Choice(carrier_name or (account.name if account else ""), account, service)
    return _plan([order], choice, [quantities], now=now, actor=actor, origin=origin)


def plan_as_chosen(
    order: Order,
    *,
    quantities: Mapping[UUID, int] | None = None,
    now: datetime,
    actor: User | None = None,
    origin: Origin | None = None,
) -> Shipment:
    """Decide to send an order as its buyer chose, or raise ChooseCarrier."""
    return _plan([order], None, [quantities], now=now, actor=actor, origin=origin)


def combine(
    orders: Sequence[Order],
    *,
    account: CarrierAccount | None,
    service: str = "",
    carrier_name: str = "",
    now: datetime,
    actor: User | None = None,
    origin: Origin | None = None,
) -> Shipment:
    """Decide to send all that is left of several orders of one customer to one address together."""
    if not 1 <= len(orders) <= _MOST_TOGETHER:
        raise CannotSend(
            _("Up to %(most)d orders travel in one shipment.") % {"most": _MOST_TOGETHER}
        )
    choice = Choice(carrier_name or (account.name if account else ""), account, service)
    quantities = [None] * len(orders)
    return _plan(orders, choice, quantities, now=now, actor=actor, origin=origin)


@transaction.atomic
def send_by_hand(
    order: Order,
    *,
    carrier: str,
    tracking_number: str = "",
    tracking_url: str = "",
    now: datetime,
    actor: User | None = None,
) -> OrderShipment:
    """Note that all that is left of an order leaves now, with whom and under which number.

    Callers hold the order's lock and see to its steps.
    """
    numbers = {"tracking_number": tracking_number, "tracking_url": tracking_url}
    waiting = [one for one in live(order) if one.may_cancel]
    for shipment in waiting:
        if not shipment.is_ours:
            raise CannotSend(
                _("Shipment %(code)s waits for %(carrier)s. Hand it over, or cancel it first.")
                % {"code": shipment.code, "carrier": shipment.carrier_name}
            )
    left = _pieces(order, left_to_send(order)) if left_to_send(order) else []
    if left:
        choice = Choice(carrier, **numbers)
        waiting.append(_begin([order], [left], choice, None, now=now, actor=actor))
    for shipment in waiting:
        shipments.write_number(shipment, carrier_name=carrier, **numbers)
        shipments.hand_over(shipment, now=now)
    told = {"carrier": carrier, "shipped_at": now, "followed_state": State.PICKED_UP, **numbers}
    rows = OrderShipment.objects.filter(order=order, shipment__in=waiting)
    rows.update(**told)
    return rows.first()


def note_by_hand(order: Order, state: str, *, now: datetime) -> None:
    """Let what the shop brings itself follow a step that a person took for its order."""
    for shipment in live(order):
        if shipment.is_ours and not shipment.has_ended:
            shipments.report(shipment, state, now=now)


def has_left(order: Order) -> bool:
    """Say whether any parcel of an order is on its way, or was."""
    return any(not one.may_cancel for one in live(order))


def take_back(order: Order, *, now: datetime, actor: User | None = None) -> None:
    """Cancel what was to be sent of an order that is cancelled; callers hold its lock.

    What of other orders lies in the same shipment is left to be sent again.
    """
    for shipment in live(order):
        if shipment.may_cancel:
            shipments.cancel(shipment, now=now, actor=actor)


@transaction.atomic
def _plan(orders, choice, quantities, *, now, actor, origin) -> Shipment:
    given = {order.pk: wanted for order, wanted in zip(orders, quantities, strict=True)}
    orders = _locked(orders)
    for order in orders:
        reason = why_not_send(order)
        if reason:
            raise CannotSend(reason)
    _require_together(orders)
    choice = choice or chosen(orders[0])
    origin = origin or Origin.objects.filter(is_active=True).order_by("-is_default", "id").first()
    cash = sum(_cash(order) for order in orders)
    _require_carrier(orders[0].organization, choice, origin, cash)
    pieces = [_pieces(order, given[order.pk]) for order in orders]
    return _begin(orders, pieces, choice, origin, now=now, actor=actor)


def _begin(orders, pieces, choice: Choice, origin, *, now, actor) -> Shipment:
    """Write the shipment and what of each order lies in it; callers hold the orders' locks."""
    first = orders[0]
    organization = first.organization
    settings = DeliverySettings.objects.filter(pk=organization.pk).first() or DeliverySettings()
    everything = [piece for part in pieces for piece in part]
    contents = parcel_contents.contents(everything, settings)
    is_as_quoted = len(orders) == 1 and choice.account and choice == _chosen_or_none(first)
    shipment = shipments.begin(
        organization,
        shipments.Intention(
            code=_code(first),
            reference=" ".join(str(order.number) for order in orders),
            recipient=parcel_contents.recipient(first),
            contents=contents,
            boxes=boxing.boxes_for(contents, settings),
            origin=origin,
            declared_value=sum(
                parcel_contents.worth(line, quantity) for line, quantity in everything
            ),
            cash_to_collect=sum(_cash(order) for order in orders),
            quoted_cost=first.carrier_cost if is_as_quoted else None,
            currency=first.currency,
            is_test=first.is_test,
            **vars(choice),
        ),
        now=now,
        actor=actor,
    )
    for order, part in zip(orders, pieces, strict=True):
        _join(order, shipment, part)
    return shipment


def _locked(orders: Sequence[Order]) -> list[Order]:
    """Give the orders as they stand now, locked always in the same order."""
    rows = (
        Order.objects.select_for_update(no_key=True, of=("self",))
        .select_related("organization")
        .filter(pk__in=[order.pk for order in orders])
        .order_by("pk")
    )
    return list(rows)


def _require_together(orders: list[Order]) -> None:
    first = orders[0]
    for order in orders[1:]:
        if order.customer_id != first.customer_id or _address(order) != _address(first):
            raise CannotSend(
                _("Orders %(one)s and %(other)s go to different people or addresses.")
                % {"one": first, "other": order}
            )


def _address(order: Order) -> tuple:
    names = ("recipient", "line", "complement", "municipality_code")
    return tuple(" ".join(str(order.delivery.get(name, "")).lower().split()) for name in names)


def _pieces(order: Order, wanted: Mapping[UUID, int] | None) -> list[tuple[OrderLine, int]]:
    """Give the lines and how many pieces of each travel; refuse more than is left."""
    left = left_to_send(order)
    if wanted is None:
        wanted = left
    lines = {line.pk: line for line in order.lines.select_related("variant")}
    pieces = [(lines.get(key), quantity) for key, quantity in wanted.items() if quantity]
    for line, quantity in pieces:
        if line is None or not 0 < quantity <= left.get(line.pk, 0):
            raise CannotSend(
                _("Only %(left)d of %(name)s are left to be sent.")
                % {
                    "left": left.get(line.pk, 0) if line else 0,
                    "name": line.name if line else "?",
                }
            )
    if not pieces:
        raise CannotSend(_("Nothing of order %(order)s is left to be sent.") % {"order": order})
    return sorted(pieces, key=lambda piece: piece[0].position)


def _require_carrier(organization: Organization, choice: Choice, origin, cash: int) -> None:
    """Refuse a carrier that cannot be asked for this; without an account nobody is asked."""
    account = choice.account
    if not choice.carrier_name.strip():
        raise ChooseCarrier(_("Write who carries it."))
    if account is None:
        return
    if account.organization_id != organization.pk or not account.is_active:
        raise ChooseCarrier(_("This carrier is not active. Choose another."))
    if account.is_live != organization.is_live:
        raise ChooseCarrier(
            _("The keys of %(carrier)s are for the other mode of the shop.") % {"carrier": account}
        )
    if account.provider not in carriers.CARRIERS:
        raise ChooseCarrier(_("This carrier is not active. Choose another."))
    if cash and not carriers.get(account.provider).takes_cash:
        raise ChooseCarrier(
            _("%(carrier)s collects no money at the door. Choose another.") % {"carrier": account}
        )
    if origin is None:
        raise CannotSend(_("Write down first from where your parcels leave."))


def _chosen_or_none(order: Order) -> Choice | None:
    try:
        return chosen(order)
    except ChooseCarrier:
        return None


def _cash(order: Order) -> int:
    """Give what the courier takes at the door, once: with the first shipment of an order."""
    if not order.is_cash_on_delivery or _live(order).exists():
        return 0
    return order.outstanding


def _code(order: Order) -> str:
    """Give the next of an order's own codes: 1024-1, 1024-2; none is ever used again."""
    return f"{order.number}-{OrderShipment.objects.filter(order=order).count() + 1}"


def _join(order: Order, shipment: Shipment, pieces: list[tuple[OrderLine, int]]) -> OrderShipment:
    joined = OrderShipment(
        order=order,
        shipment=shipment,
        carrier=shipment.carrier_name,
        tracking_number=shipment.tracking_number,
        tracking_url=shipment.tracking_url,
    )
    joined.save(force_insert=True)
    OrderShipmentLine._base_manager.bulk_create(
        OrderShipmentLine(order_shipment=joined, line=line, quantity=quantity)
        for line, quantity in pieces
    )
    return joined
