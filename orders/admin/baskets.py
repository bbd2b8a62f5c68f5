"""Choosing products on a page of the back-office: found by name or SKU, with what is left."""

import re
from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from config.lib import money
from config.lib.fields import validate_line
from shop import kits, places, search
from shop.admin.look import here
from shop.models import Municipality, Product, Variant

from ..models.carts import MOST_OF_ONE

_MOST_FOUND = 12
_QUANTITY = re.compile(r"quantity-([0-9a-f-]{36})")


@dataclass(frozen=True)
class Found:
    """A variant that can be added."""

    key: UUID
    name: str
    sku: str
    price: str
    left: int
    # What was typed beside it so far.
    quantity: int = 0


def find_variants(typed: str, *, besides=()) -> list[Found]:
    """Give the variants that are sold and meant by what was typed, the best known first."""
    typed = " ".join(typed.split())[:80]
    words = search.query_words(typed)
    if not words:
        return []
    named = Product.objects.filter(search=search.query(words, language=here().language))
    wanted = Q(sku__istartswith=typed) | Q(product__in=named.values("pk"))
    variants = Variant.objects.filter(wanted, is_active=True, product__is_active=True)
    return [
        as_found(variant)
        for variant in kits.with_available(variants.exclude(pk__in=besides))
        .select_related("product")
        .order_by("product__name", "position", "pk")[:_MOST_FOUND]
    ]


def as_found(variant: Variant, quantity: int = 0) -> Found:
    """Give a variant (see kits.with_available) as it is shown."""
    return Found(
        key=variant.pk,
        name=f"{variant.product.name} {variant.label}".strip(),
        sku=variant.sku,
        price=money.label(variant.price, here().currency),
        left=variant.available,
        quantity=quantity,
    )


def quantities(data) -> dict[UUID, int]:
    """Read how many of each variant were typed; what is no number is refused (ValidationError)."""
    found = {}
    for name, value in data.items():
        match = _QUANTITY.fullmatch(name)
        if match is None:
            continue
        text = value.strip() or "0"
        if not (text.isascii() and text.isdecimal() and int(text[:6]) <= MOST_OF_ONE):
            raise forms.ValidationError(
                _("Write how many as a whole number from 0 to %(most)d.") % {"most": MOST_OF_ONE}
            )
        try:
            found[UUID(match[1])] = int(text)
        except ValueError:
            continue
    return found


def line_field(label, *, longest=120, required=False, **attrs) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=longest,
        required=required,
        validators=[validate_line],
        widget=UnfoldAdminTextInputWidget(attrs=attrs),
    )


class AddressForm(forms.Form):
    """Where an order goes, as the checkout asks it; the place is typed by name."""

    recipient = line_field(gettext_lazy("recipient"))
    place = line_field(gettext_lazy("municipality"), longest=160, list="places", autocomplete="off")
    line = line_field(gettext_lazy("address"), longest=160)
    complement = line_field(gettext_lazy("flat, tower, office"), longest=80)
    neighbourhood = line_field(gettext_lazy("neighbourhood"), longest=80)
    notes = forms.CharField(
        label=gettext_lazy("for the courier"),
        max_length=200,
        required=False,
        validators=[validate_line],
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )

    def clean_place(self):
        typed = self.cleaned_data["place"]
        self.municipality = self._meant(typed) if typed else None
        return typed

    def _meant(self, typed: str) -> Municipality:
        found = places.meant(typed)
        if found is not None:
            return found
        near = " · ".join(places.label(place) for place in places.find(typed, limit=4))
        if near:
            raise forms.ValidationError(_("Which one is it? %(places)s") % {"places": near})
        raise forms.ValidationError(_("No municipality has this name."))

    def address(self) -> dict:
        """Give the address as checkout.address_snapshot takes it."""
        names = ("recipient", "line", "complement", "neighbourhood", "notes")
        return {name: self.cleaned_data[name] for name in names}
