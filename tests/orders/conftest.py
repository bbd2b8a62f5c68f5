"""Gateways on loopback for every test of orders."""

from tests.orders.payments.conftest import (  # noqa: F401
    stripe,
    stripe_account,
    wompi,
    wompi_account,
)
