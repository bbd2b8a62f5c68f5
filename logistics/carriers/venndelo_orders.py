"""Venndelo's orders: how a parcel of ours is written as one, and what one of theirs says.

Each box is one line of the order (type VIRTUAL: a product that exists there only), so that what
is quoted and billed is the parcel as it is weighed and measured, packaging included.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from config.lib import money
from config.lib.errors import ProviderRefused, ProviderUnavailable

from .. import addresses
from ..models import Shipment
from ..models.shipments import ENDED, RANK, State
from .base import Box, Created, News, Place, Tracked
from .states import state_of
from .venndelo_calls import centavos, moment, pesos, unreadable

CARRIER = "venndelo"
CASH, PREPAID = "COD", "EXTERNAL_PAYMENT"
_CURRENCY = "COP"
# In use there: CC, CE, NIT and PE; what has no word of its own goes as we write it.
_DOCUMENTS = {"PPT": "PE"}
# Of a buyer who gives no document (colombia.md).
_NOBODY = ("CC", "222222222222")
_LONGEST_NAME = 120


@dataclass(frozen=True)
class Line:
    """One box as a line of an order; the price in minor units."""

    name: str
    sku: str
    price: int
    box: Box

    def payload(self, *, is_free: bool) -> dict:
        return {
            "sku": self.sku,
            "name": self.name[:_LONGEST_NAME],
            "unit_price": pesos(self.price),
            "free_shipping": is_free,
            "height": self.box.height_cm,
            "width": self.box.width_cm,
            "length": self.box.length_cm,
            "dimensions_unit": "CM",
            "weight": self.box.weight_grams / 1000,
            "weight_unit": "KG",
            "quantity": 1,
        }


def lines(
    boxes: Sequence[Box], contents: Iterable[tuple[str, int]], *, code: str, amount: int
) -> list[Line]:
    """Give a line for each box; together they cost exactly the amount, in whole pesos but one."""
    name = ", ".join(f"{quantity} × {name}" for name, quantity in contents) or code
    share = amount // 100 // len(boxes) * 100
    prices = [amount - share * (len(boxes) - 1)] + [share] * (len(boxes) - 1)
    return [
        Line(
            name=name if len(boxes) == 1 else f"{number}/{len(boxes)} {name}",
            sku=code if len(boxes) == 1 else f"{code}-{number}",
            price=price,
            box=box,
        )
        for number, (price, box) in enumerate(zip(prices, boxes, strict=True), 1)
    ]


def where(place: Place) -> dict:
    """Give a place as quotes want it."""
    return {
        "city_code": place.carrier_code,
        "subdivision_code": place.department_code or place.municipality_code[:2],
        "country_code": "CO",
        "postal_code": "",
    }


def payload(shipment: Shipment) -> dict:
    """Give the order that asks for this shipment; ProviderRefused says what is missing."""
    boxes = [
        Box(parcel.weight_grams, parcel.length_cm, parcel.width_cm, parcel.height_cm)
        for parcel in shipment.parcels.all()
    ]
    cash = shipment.cash_to_collect
    _require(shipment, boxes)
    contents = [(each.get("name", ""), each.get("quantity", 1)) for each in shipment.contents]
    priced = lines(boxes, contents, code=shipment.code, amount=cash or shipment.declared_value)
    buyer, sender = addresses.recipient(shipment), addresses.sender(shipment)
    first, last = _names(buyer.name)
    document, number = _document(buyer)
    return {
        "pickup_info": {
            "contact_name": sender.name,
            "contact_phone": sender.local_phone,
            "address_1": sender.one_line,
            **where(sender.place),
        },
        "billing_info": {
            "first_name": first,
            "last_name": last,
            "email": buyer.email or sender.email,
            "phone": buyer.local_phone,
            "identification_type": document,
            "identification": number,
        },
        "shipping_info": {
            "first_name": first,
            "last_name": last,
            # One line is all there is room for.
            "address_1": ", ".join(filter(None, [buyer.one_line, shipment.notes])),
            "phone": buyer.local_phone,
            **where(buyer.place),
        },
        # The delivery is in what the shop asks of its buyer: nothing is to be added at the door.
        "line_items": [{"type": "VIRTUAL", **line.payload(is_free=bool(cash))} for line in priced],
        "payment_method_code": CASH if cash else PREPAID,
        "external_order_id": shipment.code,
        "confirmation_status": "CONFIRMED",
        "discounts": [],
    }


def _require(shipment: Shipment, boxes: list[Box]) -> None:
    problem, ends = "", (addresses.sender(shipment), addresses.recipient(shipment))
    if shipment.currency != _CURRENCY:
        problem = _("Venndelo takes Colombian pesos only.")
    elif not boxes:
        problem = _("Nothing is packed in this shipment.")
    # It answers an error of its own to a price of 0 at the door.
    elif 0 < shipment.cash_to_collect < 100 * len(boxes):
        problem = _("This is too little to be collected at the door.")
    elif not all(len(end.municipality_code) == 5 for end in ends):
        problem = _("The town is missing.")
    elif not all(end.line.strip() for end in ends):
        problem = _("The address is missing.")
    if problem:
        raise ProviderRefused(problem, code="incomplete")


def _names(name: str) -> tuple[str, str]:
    """Split a name as well as one can: half of its words are surnames, and both must be there."""
    parts = name.split() or [_("Buyer")]
    half = max(1, len(parts) // 2)
    return " ".join(parts[:half]), " ".join(parts[half:]) or "."


def _document(buyer: addresses.Party) -> tuple[str, str]:
    kind, number = buyer.document_type, buyer.document_number
    return (_DOCUMENTS.get(kind, kind), number) if kind and number else _NOBODY


# --- What an order of theirs says ---------------------------------------------------------------


def id_of(order: dict) -> str:
    """Give the id of an order; without one the answer is none."""
    if not order.get("id"):
        raise unreadable()
    return str(order["id"])


def is_cancelled(order: dict) -> bool:
    return state_of(CARRIER, str(order.get("status"))) == State.CANCELLED


def collects_another_amount(order: dict, shipment: Shipment) -> int | None:
    """Give what the courier would ask for, when it is not what the shop wants collected."""
    is_cash = order.get("payment_method_code") == CASH
    if not is_cash and not shipment.cash_to_collect:
        return None
    asked = centavos(order.get("total")) if is_cash else 0
    return asked if asked != shipment.cash_to_collect else None


def mismatch(order: dict, shipment: Shipment, asked: int) -> ProviderRefused:
    """Give the error for an order that would have collected another amount."""
    words = {
        "order": id_of(order),
        "asked": money.label(asked, shipment.currency),
        "wanted": money.label(shipment.cash_to_collect, shipment.currency),
    }
    return ProviderRefused(
        _(
            "Venndelo would have collected %(asked)s at the door instead of %(wanted)s. "
            "Its order %(order)s was cancelled."
        )
        % words,
        code="cash",
    )


def created(order: dict, **progress) -> Created:
    """Give an order as the answer to its creation."""
    guide = _outbound(order)
    return Created(
        carrier_id=id_of(order),
        tracking_number=_tracking_number(guide),
        carrier=_carrier(guide),
        cost=_cost(order),
        progress=progress,
    )


def label_facts(order: dict) -> dict:
    """Give what an order says of its guide, as a LabelReport wants it."""
    guide = _outbound(order)
    return {
        "tracking_number": _tracking_number(guide),
        "carrier": _carrier(guide),
        "cost": _cost(order),
    }


def has_guide(order: dict) -> bool:
    return bool(_outbound(order))


def tracked(order: dict) -> Tracked:
    """Give everything an order says of its way, the oldest first."""
    guides = _guides(order)
    there = [guide for guide in guides if not _is_return(guide) and _rank(guide) >= 0]
    # Several boxes with a guide each have arrived when the last of them has.
    slowest = min(there, key=_rank, default=None)
    news = [
        _news(_word(guide), _at(guide, order))
        for guide in guides
        if _word(guide) and (_is_return(guide) or guide is slowest or _rank(guide) < 0)
    ]
    word = str(order.get("status") or "")
    state = state_of(CARRIER, word)
    is_more = state is None or state in ENDED or not news
    if word and is_more and state not in {each.state for each in news if each.state}:
        at = max([each.at for each in news] + [_at({}, order)])
        # Boxes that are still on their way are what counts.
        if state != State.DELIVERED or len(there) < 2:
            news.append(_news(word, at))
    guide = _outbound(order)
    # Before the delivery it is a promise (inferred).
    promised = moment(guide.get("delivery_date")) if _rank(guide) < RANK[State.DELIVERED] else None
    return Tracked(
        news=tuple(sorted(news, key=lambda each: each.at)),
        tracking_number=_tracking_number(guide),
        promised_on=promised and promised.date(),
        cost=_cost(order),
    )


def _news(word: str, at: datetime) -> News:
    return News(raw_state=word[:120], state=state_of(CARRIER, word), at=at)


def _guides(order: dict) -> list[dict]:
    guides = order.get("shipments")
    return [guide for guide in guides if isinstance(guide, dict)] if type(guides) is list else []


def _outbound(order: dict) -> dict:
    return next((guide for guide in _guides(order) if not _is_return(guide)), {})


def _is_return(guide: dict) -> bool:
    return str(guide.get("type") or "").upper() == "RETURN"


def _word(guide: dict) -> str:
    """Give a guide's word; of a parcel on its way back every word means something else."""
    word = str(guide.get("tracking_status") or "").strip()
    return f"RETURN {word}" if word and _is_return(guide) else word


def _rank(guide: dict) -> int:
    return RANK.get(state_of(CARRIER, _word(guide)), -1)


def _at(guide: dict, order: dict) -> datetime:
    # Without a time of its own it is as old as the order: the same whenever it is asked.
    fixed = datetime(2020, 1, 1, tzinfo=UTC)
    return moment(guide.get("tracking_date")) or moment(order.get("created_at")) or fixed


def _tracking_number(guide: dict) -> str:
    return str(guide.get("tracking_number") or "")[:60]


def _carrier(guide: dict) -> str:
    return str(guide.get("carrier_name") or guide.get("carrier_code") or "")[:60]


def _cost(order: dict) -> int | None:
    try:
        return centavos(order.get("quoted_shipping_total"))
    except ProviderUnavailable:
        return None
