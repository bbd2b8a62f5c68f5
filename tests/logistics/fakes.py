"""Carriers that answer what a test says, when it says."""

import threading

from logistics import carriers
from logistics.carriers.base import Carrier, Option


class Fake(Carrier):
    """Offers the same everywhere, raises, or waits until it may answer."""

    takes_cash = True
    problems = check = find = create = label = cancel = track = None

    def __init__(self, *offers, error: Exception | None = None):
        self.offers = list(offers)
        self.error = error
        self.wishes = []
        self.may_answer = threading.Event()
        self.may_answer.set()

    def quote(self, account, wish, *, seconds):
        self.wishes.append(wish)
        self.may_answer.wait(30)
        if self.error:
            raise self.error
        return self.offers


def option(cost: object = 1_190_000, **fields) -> Option:
    """Give what a carrier may offer."""
    return Option(
        **{"service": "normal", "label": "Ruta Uno", "carrier": "Ruta Uno", "cost": cost, **fields}
    )


def register(monkeypatch, provider: str, *offers, error: Exception | None = None) -> Fake:
    """Put a fake in a carrier's place for one test."""
    fake = Fake(*offers, error=error)
    monkeypatch.setitem(carriers.CARRIERS, provider, fake)
    return fake
