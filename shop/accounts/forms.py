"""What people type about themselves."""

from allauth.account import forms as allauth_forms
from allauth.account.models import EmailAddress
from django import forms
from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from config.lib import visitor
from config.lib.fields import validate_line

from .. import customers, documents, places
from ..models import Address, Consent, Customer, Municipality, User
from . import joining, tasks


class PhoneField(PhoneNumberField):
    """A phone of Colombia or abroad, with the ways people write the country in front."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("region", "CO")
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "maxlength": 30})
        )
        super().__init__(*args, **kwargs)
        self.error_messages["invalid"] = _(
            "Write the phone with all its digits, as 300 123 4567; with + for another country."
        )

    def to_python(self, value):
        # In Colombia 00 is followed by an operator's digit, but people write 0057.
        if isinstance(value, str) and value.strip().startswith("00"):
            value = "+" + value.strip()[2:]
        return super().to_python(value)

    def prepare_value(self, value):
        return str(getattr(value, "as_international", value) or "")


def _without_placeholders(form) -> None:
    """Leave out what repeats the label and is gone as soon as one types."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


class SignInForm(allauth_forms.LoginForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _without_placeholders(self)
        self.fields["login"].label = _("E-mail")
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = ""
        self.fields["remember"].label = _("Keep me signed in on this device")


class SignUpForm(allauth_forms.SignupForm):
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        validators=[validate_line],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    privacy = forms.BooleanField(label=_("I agree to the treatment of my personal data"))
    marketing = forms.BooleanField(
        label=_("I want news and offers by e-mail or WhatsApp"), required=False
    )
    field_order = ["name", "email", "password1", "privacy", "marketing"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _without_placeholders(self)
        self.fields["email"].label = _("E-mail")
        self.fields["password1"].label = _("Password")

    def validate_unique_email(self, value):
        # An address somebody only wrote down, without proving it, keeps nobody out.
        self.account_already_exists = User.objects.filter(email=value).exists()
        return value

    def try_save(self, request):
        if not self.account_already_exists:
            try:
                with transaction.atomic():
                    return super().try_save(request)
            except IntegrityError:
                # The same address signed up at the same moment.
                self.account_already_exists = True
        # A new account costs a hash; one that exists must cost the same.
        User().set_password(self.cleaned_data["password1"])
        return super().try_save(request)

    def save(self, request):
        # A pending change of another account to this address gives way to whoever signs up.
        EmailAddress.objects.filter(email=self.cleaned_data["email"], verified=False).delete()
        return super().save(request)

    def custom_signup(self, request, user):
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
        customer = customers.of_user(request.organization, user)
        agreed = [Consent.Purpose.PRIVACY]
        if self.cleaned_data["marketing"]:
            agreed.append(Consent.Purpose.MARKETING)
        for purpose in agreed:
            customers.give_consent(
                customer,
                purpose=purpose,
                version=joining.PRIVACY_VERSION,
                address=visitor.address(request),
                source="sign-up",
            )


class ResetForm(allauth_forms.ResetPasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _without_placeholders(self)
        self.fields["email"].label = _("E-mail")

    def clean_email(self):
        return self.cleaned_data["email"]

    def save(self, request, **kwargs):
        # A worker looks for the account: this answer takes as long for one that does not exist.
        tasks.answer_reset_request.delay(
            organization_id=str(request.organization.pk),
            email=self.cleaned_data["email"],
            base_url=request.build_absolute_uri("/").rstrip("/"),
            language=get_language(),
        )
        return self.cleaned_data["email"]


class LinkForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "maxlength": 254}),
    )


class ProfileForm(forms.ModelForm):
    class Meta:
        model = Customer
        fields = ["name", "phone", "document_type", "document_number"]
        field_classes = {"phone": PhoneField}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["document_type"].choices = [
            ("", _("None")),
            *(choice for choice in self.fields["document_type"].choices if choice[0]),
        ]

    def clean(self):
        cleaned = super().clean()
        kind, number = cleaned.get("document_type"), cleaned.get("document_number")
        if kind and not number:
            self.add_error("document_number", _("Write the number of the document."))
        elif number and not kind:
            self.add_error("document_type", _("Choose the type of the document."))
        elif kind and number:
            try:
                cleaned["document_number"] = documents.clean(kind, number)
            except forms.ValidationError as error:
                self.add_error("document_number", error)
        return cleaned


class AddressForm(forms.ModelForm):
    """An address; its municipality is typed as people call it, and chosen when names repeat."""

    place = forms.CharField(
        label=_("City or municipality"),
        max_length=120,
        validators=[validate_line],
        help_text=_("For example Cali, or La Unión, Nariño."),
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
    )
    municipality = forms.ModelChoiceField(
        Municipality.objects.none(), required=False, widget=forms.HiddenInput
    )

    class Meta:
        model = Address
        fields = [
            "recipient",
            "phone",
            "line",
            "complement",
            "neighbourhood",
            "municipality",
            "postal_code",
            "notes",
            "is_default",
        ]
        field_classes = {"phone": PhoneField}
        widgets = {
            "recipient": forms.TextInput(attrs={"autocomplete": "name"}),
            "line": forms.TextInput(attrs={"autocomplete": "street-address"}),
            "postal_code": forms.TextInput(
                attrs={"autocomplete": "postal-code", "inputmode": "numeric"}
            ),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["municipality"].queryset = Municipality.objects.all()
        if self.instance.municipality_id:
            self.initial["place"] = places.label(self.instance.municipality)
        self.suggestions: list[Municipality] = []

    def clean(self):
        cleaned = super().clean()
        typed = cleaned.get("place")
        if not typed:
            return cleaned
        self.suggestions = places.find(typed)
        chosen = cleaned.get("municipality")
        # A choice from an earlier text does not count for the text that stands there now.
        found = chosen if chosen in self.suggestions else places.meant(typed)
        if found:
            cleaned["municipality"] = found
        elif self.suggestions:
            self.add_error("place", _("Several places are called that. Choose yours."))
        else:
            self.add_error("place", _("We do not know this place. Check how it is written."))
        return cleaned

    @property
    def choices(self) -> list[Municipality]:
        """The places to choose from: none before somebody typed one."""
        return self.suggestions if self.chosen_code or "place" in self.errors else []

    @property
    def chosen_code(self) -> str:
        return self.data.get("municipality", "")

    def clean_postal_code(self):
        code = self.cleaned_data["postal_code"].replace(" ", "")
        if code and not (code.isascii() and code.isdigit() and len(code) == 6):
            raise forms.ValidationError(_("A postal code has six digits; leave it out if unsure."))
        return code
