"""Form fields of the back-office: prices as people write them, pictures, places, words."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.utils.html import format_html
from django.utils.translation import gettext as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from config.lib import money
from config.lib.errors import DomainError
from config.lib.fields import validate_line

from .. import pictures, places
from ..models import Municipality
from ..models.catalogue import HIGHEST_PRICE
from .look import here


class PriceField(forms.Field):
    """A price typed in the shop's currency and kept in minor units: "24.900" is 2490000."""

    widget = UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "class": "price-input"})

    def prepare_value(self, value):
        return money.typed(value, here().currency) if isinstance(value, int) else value

    def to_python(self, value):
        if value in self.empty_values:
            return None
        amount = money.read(str(value), here().currency)
        if amount is None:
            example = money.typed(2_490_000, here().currency)
            raise ValidationError(
                _("Write the price like %(example)s.") % {"example": example}, code="price"
            )
        if amount > HIGHEST_PRICE:
            raise ValidationError(
                _("The price cannot be above %(highest)s.")
                % {"highest": money.label(HIGHEST_PRICE, here().currency)},
                code="price",
            )
        return amount

    def has_changed(self, initial, data):
        try:
            return self.to_python(data) != initial
        except ValidationError:
            return True


class PictureField(forms.FileField):
    """An uploaded picture, checked by what it holds; gives the picture itself."""

    widget = UnfoldAdminFileFieldWidget

    def clean(self, data, initial=None):
        file = super().clean(data, initial)
        if not file or file is initial:
            return None
        try:
            return pictures.read(file)
        except DomainError as error:
            raise ValidationError(str(error), code=error.code) from error


class WordsField(forms.CharField):
    """Words separated by commas, kept as a list."""

    widget = UnfoldAdminTextInputWidget
    _MOST, _LONGEST = 20, 40

    def prepare_value(self, value):
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        words = [" ".join(part.split()) for part in (super().to_python(value) or "").split(",")]
        words = list(dict.fromkeys(word for word in words if word))
        for word in words:
            validate_line(word)
        if len(words) > self._MOST or any(len(word) > self._LONGEST for word in words):
            raise ValidationError(
                _("Use up to %(most)d words of %(longest)d letters each.")
                % {"most": self._MOST, "longest": self._LONGEST},
                code="words",
            )
        return words

    def has_changed(self, initial, data):
        try:
            return self.to_python(data) != (initial or [])
        except ValidationError:
            return True


class MunicipalityField(forms.CharField):
    """One municipality as people write it; gives the row."""

    # The page offers the names (templates/admin/logistics/_places.html).
    widget = UnfoldAdminTextInputWidget(attrs={"list": "places", "autocomplete": "off"})

    def prepare_value(self, value):
        if not re.fullmatch(r"\d{5}", str(value or "")):
            return value
        found = Municipality.objects.filter(code=value).select_related("department").first()
        return places.label(found) if found else ""

    def to_python(self, value):
        typed = super().to_python(value)
        return _meant(typed) if typed else None

    def has_changed(self, initial, data):
        try:
            meant = self.to_python(data)
        except ValidationError:
            return True
        return (meant.pk if meant else None) != (initial or None)


class MunicipalitiesField(forms.CharField):
    """Municipalities as people write them, one a line; kept by their codes."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 3})

    def prepare_value(self, value):
        if isinstance(value, str) or not value:
            return value or ""
        found = Municipality.objects.filter(code__in=value).select_related("department")
        return "\n".join(places.label(municipality) for municipality in found)

    def to_python(self, value):
        codes = []
        for line in (super().to_python(value) or "").splitlines():
            if not line.strip():
                continue
            codes.append(_meant(line).code)
        return sorted(set(codes))


def _meant(typed: str) -> Municipality:
    municipality = places.meant(typed)
    if municipality is None:
        near = " · ".join(places.label(one) for one in places.find(typed, limit=4))
        raise ValidationError(
            _("Which one is “%(typed)s”? %(places)s")
            % {"typed": typed.strip()[:60], "places": near}
        )
    return municipality


def thumbnail(kept: dict | None, *, size: str = "small"):
    """Show the smallest file of a picture that pictures.save() described."""
    if not kept:
        return format_html('<span class="thumbnail is-{} is-empty"></span>', size)
    address = default_storage.url(f"{kept['key']}/{kept['widths'][0]}.webp")
    return format_html(
        '<img class="thumbnail is-{}" src="{}" alt="{}" loading="lazy" width="{}" height="{}">',
        size,
        address,
        kept.get("alt") or "",
        kept["width"],
        kept["height"],
    )
