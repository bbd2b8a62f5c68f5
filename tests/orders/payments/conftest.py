"""The gateways on loopback, and a payment account at each."""

import pytest

from orders.models import PaymentAccount
from tests import make

from . import stripe_stub, stub, wompi_stub


@pytest.fixture
def wompi(settings):
    """Wompi's stub, with the adapter sent to it."""
    with stub.running(wompi_stub.WompiStub()) as gateway:
        gateway.use_in(settings)
        yield gateway


@pytest.fixture
def wompi_account(organization) -> PaymentAccount:
    return make.payment_account("wompi", settings=wompi_stub.SETTINGS, secrets=wompi_stub.SECRETS)


@pytest.fixture
def stripe(settings):
    """Stripe's stub, with the adapter sent to it."""
    with stub.running(stripe_stub.StripeStub()) as gateway:
        gateway.use_in(settings)
        yield gateway


@pytest.fixture
def stripe_account(organization) -> PaymentAccount:
    return make.payment_account("stripe", secrets=stripe_stub.SECRETS)
