"""The forms of an organization: its settings, and what an operator says to open one."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_scopes import scope
from unfold.widgets import (
    UnfoldAdminColorInputWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from config.lib.fields import validate_paragraph

from .. import mails, organizations, readiness, sequences
from ..models import Domain
from ..models.organizations import validate_host
from ..readiness import LEGAL_FIELDS
from .base import RowForm
from .fields import PictureField, PriceField
from .week import WeekField

# The zones of the countries we sell in come first; every other one can be typed by an operator.
_ZONES = [
    "America/Bogota",
    "America/Mexico_City",
    "America/Lima",
    "America/Santiago",
    "America/Argentina/Buenos_Aires",
    "America/Guayaquil",
    "America/Caracas",
    "America/Panama",
    "America/New_York",
    "Europe/Madrid",
    "UTC",
]
PICTURES = {"logo_file": "logo", "icon_file": "icon", "hero_file": "hero"}


MAILED_TO = ("orders_mailed_to", "problems_mailed_to")
WORDS = ("delivery_words", "returns_words", "privacy_words", "terms_words")


class OrganizationForm(RowForm):
    logo_file = PictureField(label=_("new logo"), required=False)
    icon_file = PictureField(
        label=_("new icon"), required=False, help_text=_("Square; shown in the browser's tab.")
    )
    hero_file = PictureField(label=_("new home picture"), required=False)
    opening_hours = WeekField(
        label=_("opening hours"),
        help_text=_("As 8:00-12:00, 14:00-18:00. A day without hours is closed."),
    )
    minimum_order = PriceField(
        label=_("minimum order"),
        required=False,
        help_text=_("What the goods must be worth before discounts and delivery; 0: any order."),
    )

    class Meta:
        widgets = {
            "brand_colour": UnfoldAdminColorInputWidget,
            "accent_colour": UnfoldAdminColorInputWidget,
            **dict.fromkeys(WORDS, UnfoldAdminTextareaWidget(attrs={"rows": 4})),
            **dict.fromkeys(MAILED_TO, UnfoldAdminTextareaWidget(attrs={"rows": 2})),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "timezone" in self.fields:
            zones = list(dict.fromkeys([self.instance.timezone, *_ZONES]))
            self.fields["timezone"].widget = UnfoldAdminSelectWidget(
                choices=[(zone, zone.replace("_", " ")) for zone in zones]
            )
        if "about" in self.fields:
            self.fields["about"].validators.append(validate_paragraph)
        if "currency" in self.fields and _has_sold(self.instance):
            self.fields["currency"].disabled = True
            self.fields["currency"].help_text = gettext(
                "The shop has orders in this currency, so it stays."
            )
        if "mail_address" in self.fields and settings.MAIL_SENDER_DOMAINS:
            self.fields["mail_address"].help_text = gettext(
                "Empty: the address of the installation. It may send from: %(domains)s."
            ) % {"domains": ", ".join(settings.MAIL_SENDER_DOMAINS)}

    def clean(self):
        values = super().clean()
        if values.get("is_live") and "is_live" in self.changed_data and not self.errors:
            self._require_ready()
        return values

    def _require_ready(self):
        # As it will be saved: the same form may write the data that was missing.
        for name in LEGAL_FIELDS:
            setattr(self.instance, name, self.cleaned_data.get(name, ""))
        with scope(organization=self.instance):
            lacking = readiness.missing(self.instance)
        if lacking:
            problems = [problem for point in lacking for problem in point.problems]
            first = gettext("This shop cannot sell yet, so it stays in test mode:")
            self.add_error("is_live", [first, *problems])

    def clean_minimum_order(self):
        return self.cleaned_data["minimum_order"] or 0

    def clean_mail_address(self):
        address = self.cleaned_data["mail_address"]
        if address and not mails.may_send_from(address):
            raise forms.ValidationError(
                gettext("The installation may not send from this domain."), code="sender"
            )
        return address


def _has_sold(organization) -> bool:
    # An operator edits the organizations of other hosts, too.
    with scope(organization=organization):
        return sequences.was_given(organization, "order")


class NewOrganizationForm(forms.ModelForm):
    """What an operator must say to open an organization."""

    host = forms.CharField(
        label=_("host name"),
        max_length=253,
        validators=[validate_host],
        help_text=_("Where the shop answers, as tienda.example.com."),
        widget=UnfoldAdminTextInputWidget,
    )
    owner_email = forms.EmailField(
        label=_("owner's e-mail"),
        max_length=254,
        help_text=_("They get an e-mail and sign in by a link."),
        widget=UnfoldAdminEmailInputWidget,
    )

    def clean_host(self):
        host = organizations.clean_host(self.cleaned_data["host"])
        if Domain.objects.filter(host=host).exists():
            raise forms.ValidationError(gettext("Another organization has this host name."))
        return host
