"""What the steps of an order ask: small forms, each checked against the order it is about."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from config.lib import money
from config.lib.fields import validate_line, validate_paragraph
from logistics.models import CarrierAccount
from shop.admin.fields import PriceField

from .. import cash, parcels, payments, refunds, returned
from ..models import Order, PaymentAccount, PaymentAttempt, Refund, ReturnRequest

_OPEN = (PaymentAttempt.Status.STARTED, PaymentAttempt.Status.PENDING)
_MOST_ASKED = 5


def open_transfer(order: Order) -> PaymentAttempt | None:
    """Give the bank transfer that somebody has to look for, one with a proof first."""
    found = [
        attempt
        for attempt in order.attempts.all()
        if attempt.status in _OPEN and attempt.account.provider == PaymentAccount.Provider.TRANSFER
    ]
    return max(found, key=lambda attempt: (attempt.proof_at is not None, attempt.pk), default=None)


def attempts_to_ask(order: Order) -> list[PaymentAttempt]:
    """Give the newest payments that a gateway can be asked about."""
    found = [
        attempt
        for attempt in order.attempts.all()
        if attempt.url and payments.get(attempt.account.provider).can_be_asked
    ]
    return found[:_MOST_ASKED]


class StepForm(forms.Form):
    """A form about one order."""

    def __init__(self, data=None, *, order: Order, **kwargs):
        self.order = order
        super().__init__(data, **kwargs)


class NothingToAsk(StepForm):
    pass


def _line(label, *, required=True, longest=120, help_text="") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=longest,
        validators=[validate_line],
        help_text=help_text,
        widget=UnfoldAdminTextInputWidget,
    )


def _text(label, *, required=True, longest=2_000, help_text="") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=longest,
        validators=[validate_paragraph],
        help_text=help_text,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


class NoteForm(StepForm):
    note = _text(gettext_lazy("note"), required=True)


class OptionalNoteForm(StepForm):
    note = _line(gettext_lazy("note"), required=False, longest=200)


class DecisionForm(StepForm):
    note = _text(gettext_lazy("what was decided"))


class ReasonForm(StepForm):
    reason = _line(
        gettext_lazy("reason"),
        longest=200,
        help_text=gettext_lazy("The buyer reads it, such as: the amount did not arrive."),
    )


class ShipForm(StepForm):
    carrier = _line(gettext_lazy("carrier"), longest=60)
    tracking_number = _line(gettext_lazy("tracking number"), required=False, longest=60)
    tracking_url = forms.URLField(
        label=gettext_lazy("tracking page"),
        required=False,
        max_length=300,
        assume_scheme="https",
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "url"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("carrier", self.order.delivery_label[:60])

    def clean_tracking_url(self):
        url = self.cleaned_data["tracking_url"]
        if url and not url.startswith(("https://", "http://")):
            raise forms.ValidationError(_("Write an address that begins with https://."))
        return url


class CancelForm(StepForm):
    reason = forms.ChoiceField(
        label=gettext_lazy("who cancels"),
        choices=[
            (Order.Cancelled.BY_SHOP, Order.Cancelled.BY_SHOP.label),
            (Order.Cancelled.BY_BUYER, Order.Cancelled.BY_BUYER.label),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    note = _text(
        gettext_lazy("why"),
        required=False,
        help_text=gettext_lazy("Kept in the timeline, which the buyer reads too."),
    )


class _AmountForm(StepForm):
    """Asks for an amount of the order's currency, from something to the most possible."""

    amount = PriceField(label=gettext_lazy("amount"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("amount", self.most())

    def most(self) -> int:
        """Give the most that can be written."""
        return self.order.total

    def clean_amount(self):
        amount, most = self.cleaned_data["amount"], self.most()
        if not 0 < amount <= most:
            raise forms.ValidationError(
                _("Write an amount up to %(most)s.")
                % {"most": money.label(most, self.order.currency)},
                code="amount",
            )
        return amount


class CashForm(_AmountForm):
    reference = _line(
        gettext_lazy("carrier's reference"),
        required=False,
        longest=60,
        help_text=gettext_lazy("When the cash comes in more than one payment."),
    )

    def most(self):
        return cash.owed(self.order)


class TransferForm(StepForm):
    reference = _line(
        gettext_lazy("reference of the bank"),
        help_text=gettext_lazy("As the bank printed it: one transfer pays one order."),
    )
    amount = PriceField(label=gettext_lazy("amount that arrived"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        attempt = open_transfer(self.order)
        if attempt:
            self.initial.setdefault("amount", attempt.amount)

    def clean_amount(self):
        amount = self.cleaned_data["amount"]
        if amount <= 0:
            raise forms.ValidationError(_("Write the amount that arrived."), code="amount")
        return amount


class RefundForm(_AmountForm):
    reason = forms.ChoiceField(
        label=gettext_lazy("reason"), choices=Refund.Reason, widget=UnfoldAdminSelectWidget
    )
    note = _line(gettext_lazy("note"), required=False, longest=200)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].initial = Refund.Reason.OTHER

    def most(self):
        return refunds.refundable(self.order)


class ProofForm(StepForm):
    proof = _line(
        gettext_lazy("number of the transfer"),
        help_text=gettext_lazy("As the bank printed it. The buyer may ask for it."),
    )


class _PiecesForm(StepForm):
    """Asks how many of each line; gives them as `quantities` by the line's key."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._lines = [found for found in returned.returnable(self.order) if found.left]
        for found in self._lines:
            self.fields[f"line-{found.line.pk}"] = forms.IntegerField(
                label=f"{found.line.name} {found.line.label}".strip(),
                required=False,
                min_value=0,
                max_value=found.left,
                initial=0,
                help_text=self._help(found),
                widget=UnfoldAdminIntegerFieldWidget,
            )

    def _help(self, found) -> str:
        return _("%(left)d at most.") % {"left": found.left}

    def clean(self):
        values = super().clean()
        values["quantities"] = {
            found.line.pk: values.get(f"line-{found.line.pk}") or 0 for found in self._lines
        }
        return values


class PartForm(StepForm):
    """Who carries, and how many of each line travel; all that is left unless less is typed."""

    account = forms.ModelChoiceField(
        CarrierAccount._base_manager.none(),
        label=gettext_lazy("carrier"),
        required=False,
        empty_label=gettext_lazy("As the buyer chose"),
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = CarrierAccount.objects.filter(
            is_active=True, is_live=self.order.organization.is_live
        )
        left = parcels.left_to_send(self.order)
        self._lines = [line for line in self.order.lines.all() if line.pk in left]
        for line in self._lines:
            self.fields[f"line-{line.pk}"] = forms.IntegerField(
                label=f"{line.name} {line.label}".strip(),
                required=False,
                min_value=0,
                max_value=left[line.pk],
                initial=left[line.pk],
                help_text=_("%(left)d are left to be sent.") % {"left": left[line.pk]},
                widget=UnfoldAdminIntegerFieldWidget,
            )

    def clean(self):
        values = super().clean()
        values["quantities"] = {line.pk: values.get(f"line-{line.pk}") or 0 for line in self._lines}
        return values


class LostForm(_PiecesForm):
    """How many of each came back broken, or not at all."""

    def _help(self, found):
        return _("Lost of %(left)d.") % {"left": found.left}


class ReturnForm(_PiecesForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("kind"), choices=ReturnRequest.Kind, widget=UnfoldAdminSelectWidget
    )
    reason = _text(gettext_lazy("reason"), required=False, longest=1_000)
    refund_to = _line(
        gettext_lazy("refund to"),
        required=False,
        longest=200,
        help_text=gettext_lazy("When the gateway cannot give it back: bank and account."),
    )
    even_if_late = forms.BooleanField(
        label=gettext_lazy("also when the days to withdraw are over"),
        required=False,
        widget=UnfoldBooleanWidget,
    )

    def _help(self, found):
        told = super()._help(found)
        return f"{told} {found.refusal}" if found.refusal else told

    def clean(self):
        values = super().clean()
        if not self.errors and not any(values["quantities"].values()):
            raise forms.ValidationError(_("Write how many come back."), code="nothing")
        return values
