"""Cash on delivery: allowed by place, amount and customer, with a deposit where the shop asks."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib import money
from config.lib.accounts import Setting
from shop.models import Customer

from ..models import PaymentAccount
from .base import Purchase
from .by_hand import ByHand

# Nobody pays centavos by hand.
_WHOLE = 100


class CashOnDelivery(ByHand):
    """The courier takes the money; the order waits for the buyer's word, and for a deposit if any.

    A deposit is paid by another account: its part of the total is what `due_first` gives.
    """

    code = "cash"
    takes_money_first = False
    settings = (
        Setting("lowest", gettext_lazy("From an order of"), kind="money", default=0),
        Setting("highest", gettext_lazy("Up to an order of"), kind="money"),
        Setting(
            "allowed",
            gettext_lazy("Only in these municipalities"),
            help=gettext_lazy("Empty: wherever the delivery allows it."),
            kind="municipalities",
            default=(),
        ),
        Setting(
            "denied",
            gettext_lazy("Never in these municipalities"),
            kind="municipalities",
            default=(),
        ),
        Setting("deposit_percent", gettext_lazy("Deposit"), kind="percent", default=0),
        Setting("hours_to_confirm", gettext_lazy("Hours to confirm"), kind="number", default=24),
    )

    def problems(self, account: PaymentAccount) -> list[str]:
        found = []
        highest = self.value(account, "highest")
        if highest and highest < self.value(account, "lowest"):
            found.append(_("The highest amount is below the lowest one."))
        if not 0 <= self.value(account, "deposit_percent") <= 100:
            found.append(_("The deposit is a percentage from 0 to 100."))
        return found

    def refusal(self, account: PaymentAccount, purchase: Purchase) -> str:
        place = purchase.municipality_code
        allowed = self.value(account, "allowed")
        customer = purchase.customer
        if customer is not None and customer.status != Customer.Status.ACTIVE:
            return _("Paying on delivery is not possible for you. Choose another way to pay.")
        is_denied = place in self.value(account, "denied") or (allowed and place not in allowed)
        if not purchase.allows_cash_on_delivery or is_denied:
            return _("Paying on delivery is not possible for this address.")
        lowest, highest = self.value(account, "lowest"), self.value(account, "highest")
        if purchase.total < lowest:
            return _("Paying on delivery is possible from %(amount)s.") % {
                "amount": money.label(lowest, purchase.currency)
            }
        if highest and purchase.total > highest:
            return _("Paying on delivery is possible up to %(amount)s.") % {
                "amount": money.label(highest, purchase.currency)
            }
        return ""

    def minutes_to_pay(self, account: PaymentAccount) -> int:
        return int(self.value(account, "hours_to_confirm")) * 60

    def due_first(self, account: PaymentAccount, total: int) -> int:
        """Give the deposit, in whole units of the currency and never more than the total."""
        share = total * int(self.value(account, "deposit_percent"))
        return min(total, -(-share // (100 * _WHOLE)) * _WHOLE)
