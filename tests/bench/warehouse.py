"""The first page of the warehouse, each of its buckets, in a shop with 200,000 orders."""

from collections.abc import Callable

from django.db import connection
from django.utils import timezone
from django_scopes import scope

from config import settling
from logistics.models import Shipment
from logistics.models.shipments import State
from orders.models import Order, OrderShipment
from orders.warehouse import BUCKETS
from shop.models import Organization
from tests.bench import backoffice

_SENT = 20_000
_PLACE = {"name": "María Fernanda Peña", "municipality": "Medellín", "department": "Antioquia"}
# Of a hundred shipments so many stand there; the rest was delivered.
_STATES = [
    *[State.LABEL_READY] * 2,
    State.REFUSED,
    State.CREATED,
    *[State.IN_TRANSIT] * 40,
    *[State.OUT_FOR_DELIVERY] * 5,
    State.INCIDENT,
    State.RETURNED,
]


def measure(record: Callable) -> None:
    """Record queries and time of every bucket, for the role that works there."""
    organization = backoffice.ensure()
    with scope(organization=organization):
        if not Shipment.objects.exists():
            _fill(organization)
    client = backoffice.client_of(organization, role="warehouse")
    settling.settle()
    for bucket in BUCKETS:
        address, name = f"/admin/bodega/?cola={bucket.name}", f"warehouse, {bucket.name}"
        backoffice.measure_page(record, client, address, name, at_most=200)


def _fill(organization: Organization) -> None:
    """Give the newest orders that have left, or are to leave, their shipments."""
    now = timezone.now()
    orders = Order.objects.filter(status__in=("delivered", "ready_to_ship", "shipped"))
    made, joined = [], []
    for place, (key, number) in enumerate(
        orders.order_by("-number").values_list("pk", "number")[:_SENT]
    ):
        state = _STATES[place % 100] if place % 100 < len(_STATES) else State.DELIVERED
        shipment = Shipment(
            organization=organization,
            reference=str(number),
            code=f"{number}-1",
            carrier_name="Coordinadora",
            tracking_number=f"568{number:08}",
            state=state,
            state_at=now - timezone.timedelta(hours=place % 200),
            recipient=_PLACE,
            sender=_PLACE,
            cash_to_collect=5_490_000 if place % 3 else 0,
            created_at=now,
        )
        made.append(shipment)
        joined.append(OrderShipment(order_id=key, shipment=shipment, carrier="Coordinadora"))
    Shipment.objects.bulk_create(made, batch_size=1_000)
    OrderShipment._base_manager.bulk_create(joined, batch_size=1_000)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
