"""What lies in a shipment of an order and where it goes, as carriers are told."""

from logistics import parcels
from logistics.addresses import Party
from logistics.carriers.base import Content
from logistics.models import DeliverySettings
from shop import kits

from .models import Order, OrderLine


def recipient(order: Order) -> Party:
    kept = order.delivery
    return Party(
        name=kept.get("recipient") or order.name,
        phone=str(kept.get("phone") or order.phone or ""),
        email=order.email,
        document_type=order.document_type,
        document_number=order.document_number,
        **{name: kept.get(name, "") for name in _OF_ADDRESS},
    )


_OF_ADDRESS = (
    "line",
    "complement",
    "neighbourhood",
    "postal_code",
    "notes",
    "municipality_code",
    "municipality",
    "department_code",
    "department",
)


def worth(line: OrderLine, pieces: int) -> int:
    """Give what so many pieces of a line cost after discounts."""
    return line.total * pieces // line.quantity


def contents(pieces, settings: DeliverySettings) -> tuple[Content, ...]:
    """Give what a carrier is told of lines and how many of each: what they weigh and measure."""
    inside = kits.sizes_inside(line.variant for line, _quantity in pieces)
    return parcels.contents_of(
        (
            parcels.piece_of(
                line.variant,
                quantity,
                name=f"{line.name} {line.label}".strip(),
                unit_price=worth(line, 1),
                inside=inside.get(line.variant_id, ()),
            )
            for line, quantity in pieces
        ),
        settings,
    )
