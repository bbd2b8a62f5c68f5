"""What a buyer types on the pages of an order."""

from django import forms
from django.utils.translation import gettext_lazy as _

from .. import deadlines, returned
from ..models import ReturnRequest

_Kind = ReturnRequest.Kind


class ProofForm(forms.Form):
    proof = forms.FileField(label=_("Receipt of the transfer"), max_length=200)


class ReturnForm(forms.Form):
    """What comes back and why; a kind that the law no longer gives is not offered."""

    kind = forms.ChoiceField(label=_("Why do you return it?"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Tell us more"),
        required=False,
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    refund_to = forms.CharField(
        label=_("Where we send the money"),
        help_text=_("Bank, kind and number of the account, and whose it is."),
        required=False,
        max_length=200,
    )

    def __init__(self, *args, order, now, **kwargs):
        super().__init__(*args, **kwargs)
        kinds = [
            (_Kind.WARRANTY, _("Something is wrong with it (warranty)")),
            (_Kind.OTHER, _("Something else")),
        ]
        if deadlines.may_withdraw(order, now=now):
            kinds.insert(0, (_Kind.WITHDRAWAL, _("I changed my mind (right of withdrawal)")))
        self.fields["kind"].choices = kinds
        self.rows = [found for found in returned.returnable(order) if found.left]
        for found in self.rows:
            self.fields[_name(found)] = forms.IntegerField(
                label=f"{found.line.name} {found.line.label}".strip(),
                min_value=0,
                max_value=found.left,
                initial=0,
                required=False,
                help_text=found.refusal,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            )

    @property
    def line_fields(self):
        return [self[_name(found)] for found in self.rows]

    def clean(self):
        values = super().clean()
        if not self.errors and not self.quantities():
            raise forms.ValidationError(_("Write how many of each product you return."))
        return values

    def quantities(self) -> dict:
        """Give how many of each line come back."""
        values = self.cleaned_data
        return {
            found.line.pk: values[_name(found)] for found in self.rows if values.get(_name(found))
        }


def _name(found) -> str:
    return f"line-{found.line.pk.hex}"
