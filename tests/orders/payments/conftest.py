"""The gateways on loopback, and a payment account at each."""

import pytest

from orders.models import PaymentAccount
from tests import make

from . import stub, wompi_stub


@pytest.fixture
def wompi(settings):
    """Wompi's stub, with the adapter sent to it."""
    with stub.running(wompi_stub.WompiStub()) as gateway:
        gateway.use_in(settings)
        yield gateway


@pytest.fixture
def wompi_account(organization) -> PaymentAccount:
    return make.payment_account("wompi", settings=wompi_stub.SETTINGS, secrets=wompi_stub.SECRETS)
