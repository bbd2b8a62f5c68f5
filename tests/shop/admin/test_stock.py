"""Stock, as people move it in the back-office."""

import pytest

from shop.models import AuditEntry, StockLevel, StockMovement
from tests import make
from tests.shop.admin.back_office import change, client_of, send


def move(client, variant, **values):
    values = {"reason": "received", "quantity": "5", "reference": "FV-1", **values}
    return client.post(f"/admin/shop/stocklevel/{variant.pk}/mover/", values)


@pytest.mark.parametrize(
    ("values", "on_hand"),
    [
        ({}, 15),
        ({"reason": "damaged", "quantity": "4"}, 6),
        ({"reason": "counted", "quantity": "8"}, 8),
        ({"reason": "counted", "quantity": "0"}, 0),
    ],
)
def test_stock_moves_with_reason_and_person(organization, values, on_hand):
    variant = make.variant(in_stock=10)
    client = client_of("warehouse")

    move(client, variant, **values)

    assert StockLevel.objects.get().on_hand == on_hand
    movement = StockMovement.objects.first()
    assert (movement.person, movement.quantity) == (client.user, on_hand - 10)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.model, entry.changes) == (
        client.user,
        "stocklevel",
        {"on_hand": [10, on_hand]},
    )


@pytest.mark.parametrize(
    "values",
    [
        {"reason": "damaged", "quantity": "11"},
        {"quantity": "0"},
        {"quantity": "-1"},
        {"quantity": "1.5"},
        {"quantity": "1000000000"},
        {"reason": "sold"},
        {"reference": "x" * 61},
        {"reference": "a\x00b"},
    ],
)
def test_a_movement_that_makes_no_sense_is_refused_with_a_message(owner, values):
    variant = make.variant(in_stock=10)

    response = move(owner, variant, **values)

    assert response.status_code == 200
    assert response.context["form"].errors
    assert StockLevel.objects.get().on_hand == 10
    assert StockMovement.objects.count() == 1


def test_the_low_mark_changes_and_the_numbers_do_not(owner):
    variant = make.variant(in_stock=10)

    send(owner, change(variant.stock), low_at="12", on_hand="999")

    level = StockLevel.objects.get()
    assert (level.low_at, level.on_hand) == (12, 10)
    variant.product.refresh_from_db()
    assert variant.product.is_low is True
