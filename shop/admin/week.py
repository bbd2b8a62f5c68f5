"""The field in which a shop writes its opening hours: one line for each day of the week."""

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminTextInputWidget

from .. import opening_hours


class WeekWidget(forms.MultiWidget):
    """Seven small fields, each with the name of its day."""

    def __init__(self, attrs=None):
        super().__init__({day: UnfoldAdminTextInputWidget for day in opening_hours.DAYS}, attrs)

    def decompress(self, value):
        try:
            return [opening_hours.day_in_words(day) for day in opening_hours.read(value or "")]
        except ValidationError:
            return [""] * len(opening_hours.DAYS)

    def render(self, name, value, attrs=None, renderer=None):
        context = self.get_context(name, value, attrs)
        for number, part in enumerate(context["widget"]["subwidgets"]):
            part["label"] = str(WEEKDAYS[number]).capitalize()
        return render_to_string("admin/shop/week.html", context)


class DayField(forms.CharField):
    """The hours of one day."""

    def __init__(self, number: int):
        super().__init__(required=False, max_length=80)
        self.number = number

    def clean(self, value):
        try:
            return opening_hours.read_day(super().clean(value))
        except ValidationError as error:
            day = str(WEEKDAYS[self.number]).capitalize()
            raise ValidationError(
                _("%(day)s: %(problem)s") % {"day": day, "problem": " ".join(error.messages)},
                code="hours",
            ) from error


class WeekField(forms.MultiValueField):
    """Opening hours, kept as opening_hours.write() writes them."""

    widget = WeekWidget

    def __init__(self, **options):
        days = [DayField(number) for number in range(len(opening_hours.DAYS))]
        super().__init__(fields=days, require_all_fields=False, required=False, **options)

    def clean(self, value):
        # Closed days stand in their place: a week has seven.
        week, problems = [], []
        for field, typed in zip(self.fields, value or [""] * 7, strict=True):
            try:
                week.append(field.clean(typed))
            except ValidationError as error:
                problems.append(error)
        if problems:
            raise ValidationError(problems)
        return opening_hours.write(week)

    def has_changed(self, initial, data):
        return _days(initial) != _days(data)


def _days(value) -> list[str]:
    if isinstance(value, list | tuple):
        return [" ".join(str(day or "").split()) for day in value]
    return WeekWidget().decompress(value)
