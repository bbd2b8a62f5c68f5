"""What tests of the pages of orders share."""

from html import unescape

from django.contrib.messages import get_messages
from django.utils import timezone

from orders import fulfilment
from orders.models import Order
from tests import make

LIST = "/admin/orders/order/"
PARCEL = fulfilment.Parcel("Coordinadora", "GUIA-778899", "https://example.com/778899")


def page_of(order: Order) -> str:
    return f"{LIST}{order.pk}/change/"


def step_of(order: Order) -> str:
    return f"{LIST}{order.pk}/paso/"


def take(client, order: Order, step: str, **values):
    """Take a step of an order as its button or form does; give the answer."""
    return client.post(step_of(order), {"step": step, **values})


def read(client, path: str, **query) -> str:
    response = client.get(path, query)
    assert response.status_code == 200, response.status_code
    return unescape(response.content.decode())


def told(response) -> list[str]:
    """Give the sentences that the answer leaves for the next page."""
    return [str(message) for message in get_messages(response.wsgi_request)]


def offered(client, order: Order) -> set[str]:
    """Give the steps that the page of an order offers."""
    context = client.get(page_of(order)).context
    return {step.name for step in [*context["steps"], *context.get("decisions", [])]}


def confirmed(*variants, **fields) -> Order:
    return make.pay(make.placed_order(*variants, **fields))


def shipped(*variants, **fields) -> Order:
    order = confirmed(*variants, **fields)
    fulfilment.ready(order, now=timezone.now())
    return fulfilment.ship(order, PARCEL, now=timezone.now())


def waiting_transfer() -> Order:
    """Give an order whose buyer says that the money was sent."""
    bank = {"bank": "Banco Uno", "account_number": "123-456789", "holder": "Tienda SAS"}
    make.payment_account("transfer", settings=bank)
    return make.placed_order(provider="transfer")
