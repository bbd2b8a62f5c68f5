"""The carriers on loopback, and a shop that sends with them."""

import pytest

from tests import make
from tests.orders.payments import stub

from . import stub_coordinadora, stub_envia, stub_venndelo


@pytest.fixture
def venndelo(settings, organization):
    """Venndelo's stub, with the adapter sent to it; it works for live shops only."""
    organization.is_live = True
    organization.save(update_fields=["is_live"])
    with stub.running(stub_venndelo.VenndeloStub()) as carrier:
        carrier.use_in(settings)
        yield carrier


@pytest.fixture
def venndelo_account(venndelo):
    return make.carrier_account("venndelo", secrets=stub_venndelo.SECRETS)


@pytest.fixture
def envia(settings):
    """Envia's stub, with the adapter sent to it."""
    with stub.running(stub_envia.EnviaStub()) as carrier:
        carrier.use_in(settings)
        yield carrier


@pytest.fixture
def envia_account(organization, envia):
    return make.carrier_account(
        "envia", secrets=dict(stub_envia.SECRETS), settings=dict(stub_envia.SETTINGS)
    )


@pytest.fixture
def coordinadora(settings):
    """Coordinadora's stub, with the adapter sent to it."""
    with stub.running(stub_coordinadora.CoordinadoraStub()) as carrier:
        carrier.use_in(settings)
        yield carrier


@pytest.fixture
def coordinadora_account(organization, coordinadora):
    return make.carrier_account(
        "coordinadora",
        secrets=dict(stub_coordinadora.SECRETS),
        settings=dict(stub_coordinadora.SETTINGS),
    )
