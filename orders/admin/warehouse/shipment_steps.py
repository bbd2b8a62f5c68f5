"""What may be done with a shipment where it stands: one class for each button, as steps of orders.

Whoever comes second finds a step no longer offered, or hears it from the operation.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django import forms
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from config.lib.fields import validate_line
from logistics import addresses, shipments
from logistics.models import CarrierAccount, Shipment
from logistics.models.shipments import MOVING, WAITING, State
from shop.admin.fields import MunicipalityField


class ShipmentForm(forms.Form):
    """A form about one shipment."""

    def __init__(self, data=None, *, shipment: Shipment, **kwargs):
        self.shipment = shipment
        super().__init__(data, **kwargs)


def _line(label, *, required=True, longest=120) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=longest,
        validators=[validate_line],
        widget=UnfoldAdminTextInputWidget,
    )


class CorrectForm(ShipmentForm):
    """The address as the carrier is told it, and who carries."""

    name = _line(gettext_lazy("recipient"))
    phone = _line(gettext_lazy("phone"), longest=20)
    line = _line(gettext_lazy("address"))
    complement = _line(gettext_lazy("complement"), required=False, longest=60)
    neighbourhood = _line(gettext_lazy("neighbourhood"), required=False, longest=60)
    municipality_code = MunicipalityField(label=gettext_lazy("municipality"))
    notes = _line(gettext_lazy("for the courier"), required=False)
    account = forms.ModelChoiceField(
        CarrierAccount._base_manager.none(),
        label=gettext_lazy("carrier"),
        required=False,
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = CarrierAccount.objects.filter(
            is_active=True, is_live=self.shipment.organization.is_live
        )
        party = addresses.recipient(self.shipment)
        for name in self.fields:
            self.initial[name] = getattr(party, name, "")
        self.initial["account"] = self.shipment.account_id

    def party(self) -> addresses.Party:
        """Give the recipient as it was typed; what is not asked stays."""
        values = dict(self.cleaned_data)
        values.pop("account")
        town = values.pop("municipality_code")
        return replace(
            addresses.recipient(self.shipment),
            municipality_code=town.code,
            municipality=town.name,
            department_code=town.department_id,
            department=town.department.name,
            **values,
        )


class FoundForm(ShipmentForm):
    carrier_id = _line(gettext_lazy("carrier's number of the shipment"), longest=120)
    tracking_number = _line(gettext_lazy("tracking number"), required=False, longest=60)


class NumberForm(ShipmentForm):
    carrier_name = _line(gettext_lazy("carrier"), longest=60)
    tracking_number = _line(gettext_lazy("tracking number"), required=False, longest=60)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["carrier_name"] = self.shipment.carrier_name
        self.initial["tracking_number"] = self.shipment.tracking_number


@dataclass(frozen=True)
class Step:
    """One thing that a person can do with a shipment: when it is offered, and what it does."""

    name: str
    label: object
    is_offered: Callable[[Shipment], bool]
    # Called with the shipment, its filled-in form, now and actor.
    run: Callable
    done: object = gettext_lazy("Done.")
    form: type[ShipmentForm] = ShipmentForm
    # What will happen, before it does.
    lead: object = ""
    # Done by the button itself; everything else has a page that says what will happen.
    is_direct: bool = False
    is_main: bool = False
    is_danger: bool = False


def _simple(operation: Callable) -> Callable:
    return lambda shipment, form, **who: operation(shipment, **who)


def _is_stuck(shipment: Shipment) -> bool:
    """Whether a person has to say that it is tried again: nobody comes back to it."""
    waits = shipment.state in (State.PENDING, State.CREATED) and shipment.due_at is None
    return not shipment.is_ours and (waits or shipment.state == State.REFUSED)


def _may_correct(shipment: Shipment) -> bool:
    is_early = shipment.state in (State.PENDING, State.REFUSED) and not shipment.asked_at
    return is_early and not shipment.is_ours


def _correct(shipment, form, **who):
    account = form.cleaned_data["account"]
    changed = account if account and account.pk != shipment.account_id else None
    # The service of another carrier says nothing to this one.
    service = "" if changed else None
    shipments.correct(shipment, recipient=form.party(), account=changed, service=service, **who)


def _arrived(state: str) -> Callable:
    return lambda shipment, form, **who: shipments.report(shipment, state, **who)


def _is_out_by_us(shipment: Shipment) -> bool:
    return shipment.is_ours and shipment.state in MOVING


def _is_uncertain(shipment: Shipment) -> bool:
    return shipment.state == State.UNCERTAIN


def _may_cancel(shipment: Shipment) -> bool:
    return shipment.may_cancel and not shipment.cancel_wanted_at


# In the order of the buttons.
STEPS = [
    Step(
        "again",
        gettext_lazy("Try again"),
        _is_stuck,
        _simple(shipments.try_again),
        done=gettext_lazy("The carrier is asked again."),
        is_direct=True,
        is_main=True,
    ),
    Step(
        "found",
        gettext_lazy("I found it there"),
        _is_uncertain,
        lambda shipment, form, **who: shipments.found_it(shipment, **form.cleaned_data, **who),
        form=FoundForm,
        lead=gettext_lazy("Look for our code in the carrier's panel and copy its number."),
        is_main=True,
    ),
    Step(
        "not-there",
        gettext_lazy("It is not there"),
        _is_uncertain,
        _simple(shipments.not_there),
        lead=gettext_lazy("You looked in the carrier's panel. It is created now."),
    ),
    Step(
        "correct",
        gettext_lazy("Correct"),
        _may_correct,
        _correct,
        form=CorrectForm,
        lead=gettext_lazy("The carrier is asked again with what you write here."),
    ),
    Step(
        "hand-over",
        gettext_lazy("Handed over"),
        lambda shipment: shipment.state in WAITING and not shipment.cancel_wanted_at,
        _simple(shipments.hand_over),
        done=gettext_lazy("The shipment is on its way."),
        is_direct=True,
        is_main=True,
    ),
    Step(
        "number",
        gettext_lazy("Write its number"),
        lambda shipment: shipment.is_ours and not shipment.has_ended,
        lambda shipment, form, *, now, actor: shipments.write_number(shipment, **form.cleaned_data),
        form=NumberForm,
        lead=gettext_lazy("The buyer follows it by this number."),
    ),
    Step(
        "delivered",
        gettext_lazy("It was delivered"),
        _is_out_by_us,
        _arrived(State.DELIVERED),
        lead=gettext_lazy("The buyer has it."),
        is_main=True,
    ),
    Step(
        "returned",
        gettext_lazy("Came back undelivered"),
        _is_out_by_us,
        _arrived(State.RETURNED),
        lead=gettext_lazy("Nobody accepted it, and it is in the warehouse again."),
        is_danger=True,
    ),
    Step(
        "cancelled-there",
        gettext_lazy("I cancelled it there"),
        lambda shipment: bool(_may_cancel(shipment) and shipment.error and not shipment.is_ours),
        _simple(shipments.cancelled_there),
        lead=gettext_lazy("You cancelled it in the carrier's own panel."),
        is_danger=True,
    ),
    Step(
        "cancel",
        gettext_lazy("Cancel shipment"),
        _may_cancel,
        _simple(shipments.cancel),
        done=gettext_lazy("The shipment is taken back."),
        lead=gettext_lazy("What lies in it can be sent anew, together or in parts."),
        is_danger=True,
    ),
]
BY_NAME = {step.name: step for step in STEPS}


def offered(shipment: Shipment) -> list[Step]:
    """Give what can be done with this shipment now."""
    return [step for step in STEPS if step.is_offered(shipment)]
