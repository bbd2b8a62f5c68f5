"""What every step of an order is, and the words that several of them say."""

from abc import ABC, abstractmethod
from datetime import datetime

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib import money
from shop.models import User

from ..models import Order
from . import step_forms


class Step(ABC):
    """One thing that a person can do with an order."""

    name = ""
    label = ""
    permission = "orders.change_fulfilment"
    form: type[forms.Form] = step_forms.NothingToAsk
    # Done by the button itself; everything else has a page that says what will happen.
    is_direct = False
    is_main = False
    is_danger = False
    done = gettext_lazy("Done.")

    @abstractmethod
    def is_offered(self, order: Order) -> bool:
        """Say whether the order stands where this can be done."""

    def lead(self, order: Order, *, with_money: bool) -> list[str]:
        """Say what will happen, before it does."""
        return []

    @abstractmethod
    def run(self, order: Order, values: dict, *, now: datetime, actor: User) -> str | None:
        """Do it, and give what to tell the person when it is not just `done`."""


def going_back(amount: int, order: Order) -> str:
    """Say how much goes back to the buyer."""
    return _("%(amount)s go back to the buyer.") % {"amount": money.label(amount, order.currency)}


def outstanding(order: Order) -> str:
    """Say how much the buyer still has to pay."""
    return _("Still to pay: %(amount)s.") % {
        "amount": money.label(order.outstanding, order.currency)
    }
