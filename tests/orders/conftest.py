"""A shop that several callers may use at once, and gateways on loopback."""

import pytest
from django_scopes import scope

from tests import make
from tests.orders.payments.conftest import (  # noqa: F401
    stripe,
    stripe_account,
    wompi,
    wompi_account,
)
from tests.shop import places


@pytest.fixture
def open_shop(transactional_db):
    """Give a shop that delivers, whose rows every connection sees."""
    places.reload()
    organization = make.organization()
    with scope(organization=organization):
        make.national_rate()
        yield organization
