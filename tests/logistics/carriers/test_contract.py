"""What every carrier promises, and what every one of them may do wrong on the way.

A carrier joins with a fixture of its name (its stub: `fault`, `lie`, `heard`) and one named
`<its name>_account`; FAR_AWAY lists those that are called over the wire.
"""

import pytest
from django.utils import timezone

from config.lib import http
from config.lib.errors import ProviderError, ProviderUnavailable
from logistics import carriers
from logistics.carriers.base import NotSearchable
from tests.orders.payments.stub import FAULTS

from . import rows

FAR_AWAY = ["coordinadora", "envia", "venndelo"]
# What a shipment of each was quoted as.
SERVICES = {"coordinadora": "1", "envia": "coordinadora:ground"}


class Bench:
    """One carrier with an account and a shipment that is still a wish."""

    def __init__(self, request, code):
        self.carrier = carriers.get(code)
        self.stub = request.getfixturevalue(code)
        self.account = request.getfixturevalue(f"{code}_account")
        self.shipment = rows.shipment(self.account, service=SERVICES.get(code, ""))

    def created(self):
        created = self.carrier.create(self.shipment)
        self.shipment.carrier_id = created.carrier_id
        self.shipment.tracking_number = created.tracking_number
        self.shipment.progress = created.progress
        return created

    def quote(self):
        return self.carrier.quote(self.account, rows.wish(), seconds=0.5)


@pytest.fixture
def bench(request, organization, code):
    return Bench(request, code)


@pytest.mark.parametrize("code", FAR_AWAY)
def test_an_account_without_keys_has_problems_and_one_with_them_has_none(bench):
    assert bench.carrier.problems(bench.account) == []
    bench.carrier.check(bench.account)

    bench.account.secrets = {}
    assert bench.carrier.problems(bench.account)


@pytest.mark.parametrize("code", FAR_AWAY)
def test_a_quote_has_a_price_and_the_same_service_each_time(bench):
    first, second = bench.quote(), bench.quote()

    assert first == second
    assert all(option.cost > 0 and option.service and option.label for option in first)


@pytest.mark.parametrize("code", FAR_AWAY)
@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_happens_to_an_answer_means_try_again(bench, monkeypatch, fault):
    monkeypatch.setattr(http, "SECONDS", 0.3)
    bench.created()
    bench.stub.fault = fault

    asked = [bench.quote, lambda: bench.carrier.check(bench.account)]
    asked.append(lambda: bench.carrier.create(bench.shipment))
    asked.append(lambda: bench.carrier.label(bench.shipment))
    asked.append(lambda: bench.carrier.track(bench.account, [bench.shipment]))
    for ask in asked:
        with pytest.raises(ProviderUnavailable):
            ask()


@pytest.mark.parametrize("code", FAR_AWAY)
@pytest.mark.parametrize("lie", ["text", "negative", "error"])
def test_a_price_that_cannot_be_is_no_price(bench, lie):
    bench.stub.lie = lie

    with pytest.raises(ProviderError):
        bench.quote()


@pytest.mark.parametrize("code", FAR_AWAY)
def test_a_shipment_is_created_followed_and_cancelled_and_cancelled_again(bench):
    assert bench.created().carrier_id

    assert set(bench.carrier.track(bench.account, [bench.shipment])) == {bench.shipment.pk}
    for _time in range(2):
        bench.carrier.cancel(bench.shipment)


@pytest.mark.parametrize("code", FAR_AWAY)
def test_a_creation_whose_answer_was_lost_is_found_or_never_said_to_be_missing(bench):
    bench.quote()
    bench.shipment.asked_at = timezone.now()
    bench.stub.fault = "cut"
    with pytest.raises(ProviderUnavailable):
        bench.carrier.create(bench.shipment)

    bench.stub.fault = ""
    try:
        found = bench.carrier.find(bench.shipment)
    except NotSearchable:
        # A person looks for it in the carrier's panel.
        return
    assert found.carrier_id


@pytest.mark.parametrize("code", FAR_AWAY)
def test_no_error_carries_a_key(bench):
    secrets = [value for value in bench.account.secrets.values() if value]
    for fault in ("error", "html"):
        bench.stub.fault = fault
        with pytest.raises(ProviderUnavailable) as failed:
            bench.carrier.check(bench.account)
        assert not any(secret in repr(failed.value) for secret in secrets)
