"""Bank transfer: the buyer reads where to send the money, staff say when it arrived."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib.accounts import Setting

from ..models import PaymentAccount
from .by_hand import ByHand

_DAY = 24 * 60


class Transfer(ByHand):
    """Never automatic: a proof is a picture, and only staff who saw the account confirm it."""

    code = "transfer"
    settings = (
        Setting("bank", gettext_lazy("Bank"), is_required=True),
        Setting(
            "account_kind", gettext_lazy("Kind of account"), help=gettext_lazy("Savings, Nequi…")
        ),
        Setting("account_number", gettext_lazy("Account number"), is_required=True),
        Setting("holder", gettext_lazy("Account holder"), is_required=True),
        Setting("holder_document", gettext_lazy("Holder's document")),
        Setting("instructions", gettext_lazy("Anything else to know"), kind="paragraph"),
        Setting("days_to_pay", gettext_lazy("Days to pay"), kind="number", default=3),
    )

    def problems(self, account: PaymentAccount) -> list[str]:
        return [
            _("Fill in “%(field)s”.") % {"field": setting.label}
            for setting in self.settings
            if setting.is_required and not self.value(account, setting.name)
        ]

    def minutes_to_pay(self, account: PaymentAccount) -> int:
        return int(self.value(account, "days_to_pay")) * _DAY

    def instructions(self, account: PaymentAccount) -> list[tuple[str, str]]:
        shown = [setting for setting in self.settings if setting.name != "days_to_pay"]
        return [
            (str(setting.label), str(self.value(account, setting.name)))
            for setting in shown
            if self.value(account, setting.name)
        ]
