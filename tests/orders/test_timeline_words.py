"""Every kind of event has a sentence, and who sees no money reads no amount."""

import pytest
from django.utils import timezone, translation

from orders import timeline, timeline_words
from orders.models import OrderEvent
from tests import make

pytestmark = pytest.mark.django_db


def event(what, **data):
    return timeline.record(make.order(), what, now=timezone.now(), data=data)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize("kind", OrderEvent.Kind.values)
def test_every_kind_is_told_with_and_without_its_data(organization, kind):
    bare = event(kind)
    full = event(
        kind,
        amount=3_490_000,
        currency="COP",
        method="Practice",
        message="No funds",
        due_on="2026-12-06",
        reason="expired",
        concern="mismatch",
        carrier="Coordinadora",
        tracking_number="77",
        **{"return": "D-1", "kind": "withdrawal", "after": "accepted"},
    )

    for told in (bare, full):
        assert timeline_words.words(told)
        assert "%" not in timeline_words.words(told)
        assert "3.490" not in timeline_words.words(told, with_money=False)


def test_a_decline_is_told_with_its_amount_and_reason(organization):
    told = event("payment_declined", amount=3_490_000, currency="COP", message="No funds.")

    assert timeline_words.words(told) == "The payment of $\u00a034.900 was declined: No funds."
    assert timeline_words.words(told, with_money=False) == "The payment was declined: No funds."


def test_a_refund_names_its_last_day(organization):
    told = event("refund_requested", amount=100_000, currency="COP", due_on="2026-12-06")

    assert timeline_words.words(told) == (
        "A refund of $\u00a01.000 was started. It arrives by Dec. 6, 2026 at the latest."
    )


def test_a_dispatch_names_carrier_and_number(organization):
    told = event("shipped", carrier="Coordinadora", tracking_number="77")

    assert timeline_words.words(told) == ("The order left with Coordinadora, tracking number 77.")
