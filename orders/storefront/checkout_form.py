"""What a buyer types in the checkout, checked field by field."""

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from config.lib import visitor
from config.lib.fields import validate_line, validate_paragraph
from shop import documents, pages, places
from shop.accounts.forms import PhoneField
from shop.models import Address, Municipality
from shop.models.customers import DocumentType

from ..checkout import Contact, Wish, address_snapshot

NEW_ADDRESS = "new"


def _line(label, *, most: int, required: bool = True, autocomplete: str = "off", **attrs):
    return forms.CharField(
        label=label,
        max_length=most,
        required=required,
        validators=[validate_line],
        help_text=attrs.pop("help_text", ""),
        widget=forms.TextInput(attrs={"autocomplete": autocomplete, **attrs}),
    )


def _phone(label, *, required: bool = True, autocomplete: str = "tel"):
    attrs = {"type": "tel", "autocomplete": autocomplete, "inputmode": "tel", "maxlength": 30}
    return PhoneField(label=label, required=required, widget=forms.TextInput(attrs=attrs))


class CheckoutForm(forms.Form):
    """Everything but the delivery and the payment, which depend on prices of this moment."""

    name = _line(gettext_lazy("Name and surname"), most=120, autocomplete="name")
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        help_text=gettext_lazy("Here we write how your order goes."),
        widget=forms.EmailInput(attrs={"type": "email", "autocomplete": "email"}),
    )
    phone = _phone(gettext_lazy("Mobile"))
    document_type = forms.ChoiceField(label=gettext_lazy("Document"), choices=DocumentType.choices)
    document_number = _line(gettext_lazy("Document number"), most=20)
    place = _line(
        gettext_lazy("City or municipality"),
        most=120,
        required=False,
        autocomplete="address-level2",
        help_text=gettext_lazy("For example Cali, or La Unión, Nariño."),
    )
    municipality = forms.CharField(required=False, max_length=5)
    line = _line(gettext_lazy("Address"), most=160, required=False, autocomplete="street-address")
    complement = _line(
        gettext_lazy("Apartment, office, tower"),
        most=80,
        required=False,
        autocomplete="address-line2",
    )
    neighbourhood = _line(gettext_lazy("Neighbourhood"), most=80, required=False)
    address_notes = _line(gettext_lazy("Notes for the courier"), most=200, required=False)
    recipient = _line(gettext_lazy("Who receives it"), most=120, required=False)
    recipient_phone = _phone(gettext_lazy("Their mobile"), required=False, autocomplete="off")
    billing_name = _line(gettext_lazy("Name or company"), most=120, required=False)
    billing_document_type = forms.ChoiceField(
        label=gettext_lazy("Document"), choices=DocumentType.choices, required=False
    )
    billing_document_number = _line(gettext_lazy("Document number"), most=20, required=False)
    billing_line = _line(gettext_lazy("Address"), most=160, required=False)
    billing_place = _line(gettext_lazy("City or municipality"), most=120, required=False)
    notes = forms.CharField(
        label=gettext_lazy("Anything we should know?"),
        max_length=500,
        required=False,
        validators=[validate_paragraph],
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    terms = forms.BooleanField(
        error_messages={"required": gettext_lazy("Accept the terms of sale to place your order.")}
    )
    terms_version = forms.CharField(required=False, max_length=20)
    marketing = forms.BooleanField(required=False)
    # How often it comes (the key of a plan, or nothing), and whether the card may be kept.
    plan = forms.CharField(required=False, max_length=32)
    keep = forms.BooleanField(required=False)

    def __init__(self, data, *, saved: list[Address]):
        super().__init__(data)
        self.saved = next((one for one in saved if one.pk.hex == data.get("address")), None)
        self.suggestions: list[Municipality] = []
        self.place_found: Municipality | None = None

    def clean(self):
        cleaned = super().clean()
        self._clean_document("document_type", "document_number")
        if self.wants_billing:
            self._clean_document("billing_document_type", "billing_document_number")
            for name in ("billing_name", "billing_document_number", "billing_line"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _("Fill this in, or leave all of the invoice empty."))
            billing_place = places.meant(cleaned.get("billing_place") or "")
            cleaned["billing_municipality"] = billing_place
            if billing_place is None and "billing_place" not in self.errors:
                self.add_error("billing_place", _("Write it with its department: Cali, Valle."))
        if cleaned.get("recipient_phone") and not cleaned.get("recipient"):
            self.add_error("recipient", _("Write who receives it."))
        if cleaned.get("terms") and cleaned.get("terms_version") != pages.VERSIONS[pages.TERMS]:
            self.add_error("terms", _("The terms changed. Read and accept them again."))
        self._find_place()
        return cleaned

    def _clean_document(self, kind_name: str, number_name: str) -> None:
        kind, number = self.cleaned_data.get(kind_name), self.cleaned_data.get(number_name)
        if kind and number:
            try:
                self.cleaned_data[number_name] = documents.clean(kind, number)
            except forms.ValidationError as error:
                self.add_error(number_name, error)

    def _find_place(self) -> None:
        if self.saved:
            self.place_found = self.saved.municipality
            return
        typed = self.cleaned_data.get("place", "")
        found = find_place(
            typed, self.cleaned_data.get("municipality", ""), self.data.get("department", "")
        )
        self.place_found, self.suggestions = found
        if self.place_found or "place" in self.errors:
            return
        if self.suggestions:
            is_shared = bool(places.find(typed, limit=1))
            several = _("Several places are called that. Choose yours.")
            self.add_error("place", several if is_shared else _("Choose your municipality."))
        elif not typed:
            self.add_error("place", _("Write where you want to receive it."))
        else:
            self.add_error("place", _("We do not know this place. Check how it is written."))

    def require_street(self) -> None:
        """Ask for the street, which an order that is picked up does without."""
        if not self.saved and not self.cleaned_data.get("line") and "line" not in self.errors:
            self.add_error("line", _("Write the street and the number."))

    @property
    def wants_billing(self) -> bool:
        names = ("billing_name", "billing_document_number", "billing_line", "billing_place")
        return any(str(self.data.get(name, "")).strip() for name in names)

    def wish(self, request, *, delivery_code: str, account, is_pickup: bool, seen_total: int):
        """Give what the buyer decided; only of a form without errors."""
        given = self.cleaned_data
        contact = Contact(
            name=given["name"],
            email=given["email"],
            phone=str(given["phone"]),
            document_type=given["document_type"],
            document_number=given["document_number"],
        )
        return Wish(
            contact=contact,
            municipality=self.place_found,
            address={} if is_pickup else self._address(),
            delivery_code=delivery_code,
            account=account,
            terms_version=given["terms_version"],
            accepted_from=visitor.address(request),
            wants_news=given["marketing"],
            billing=self._billing() if self.wants_billing else None,
            notes=given["notes"],
            language=(get_language() or "es")[:2],
            seen_total=seen_total,
        )

    def _address(self) -> dict:
        given = self.cleaned_data
        if self.saved:
            fields = (
                "recipient", "phone", "line", "complement", "neighbourhood", "postal_code", "notes"
            )  # fmt: skip
            return {name: str(getattr(self.saved, name)) for name in fields}
        return {
            "recipient": given["recipient"],
            "phone": given["recipient_phone"],
            "line": given["line"],
            "complement": given["complement"],
            "neighbourhood": given["neighbourhood"],
            "notes": given["address_notes"],
        }

    def _billing(self) -> dict:
        given = self.cleaned_data
        contact = Contact(name=given["billing_name"], email="", phone="")
        return {
            **address_snapshot(
                given["billing_municipality"], contact, {"line": given["billing_line"]}
            ),
            "document_type": given["billing_document_type"],
            "document_number": given["billing_document_number"],
        }


# What is kept of a checkout that did not end yet. Never a consent: that is given each time.
DRAFT = (
    *(
        name
        for name in CheckoutForm.base_fields
        if name not in ("terms", "terms_version", "marketing", "keep")
    ),
    "address",
    "department",
    "delivery",
    "account",
)


def draft_of(data) -> dict[str, str]:
    """Give what was typed as it is kept with the cart: no field twice, none endless."""
    return {name: data[name][:600].replace("\x00", "") for name in DRAFT if data.get(name)}


def find_place(
    typed: str, chosen: str, department: str = ""
) -> tuple[Municipality | None, list[Municipality]]:
    """Give the place that a text and a choice mean, and those to choose from when it is open.

    Who chose a department instead of typing, or typed what nobody knows, chooses from all of it.
    """
    typed = typed[:120]
    suggestions = places.find(typed)
    # A choice made for an earlier text does not count for the one that stands there now.
    found = next((one for one in suggestions if one.code == chosen), None) or places.meant(typed)
    return (found, []) if found else (None, suggestions or places.inside(department))
