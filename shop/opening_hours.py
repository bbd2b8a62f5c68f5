"""When a shop is open: typed day by day, kept as lines such as "Mo 08:00-12:00,14:00-18:00"."""

import itertools
import re

from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_SPAN = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*[-–—]\s*(\d{1,2})(?:[:.](\d{2}))?")
_MOST_SPANS = 4
_MIDNIGHT = 24 * 60

# From minute to minute of a day, in order; a day without spans is closed.
Spans = tuple[tuple[int, int], ...]


def read_day(typed: str) -> Spans:
    """Read "8:00-12:00, 14-18"; raises a ValidationError that says what is wrong."""
    spans = sorted(_span(part.strip()) for part in typed.split(",") if part.strip())
    if len(spans) > _MOST_SPANS:
        raise ValidationError(
            _("Write at most %(most)d spans a day.") % {"most": _MOST_SPANS}, code="hours"
        )
    if any(end > start for (_begin, end), (start, _end) in itertools.pairwise(spans)):
        raise ValidationError(_("These hours overlap."), code="hours")
    return tuple(spans)


def _span(part: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(part)
    if not found:
        raise ValidationError(_("Write hours like 8:00-12:00, 14:00-18:00."), code="hours")
    hours = [int(number or 0) for number in found.groups()]
    start, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if max(hours[1], hours[3]) > 59 or not start < end <= _MIDNIGHT:
        raise ValidationError(
            _("%(span)s is no span of a day: it must end after it starts, and before 24:00.")
            % {"span": part},
            code="hours",
        )
    return start, end


def day_in_words(spans: Spans) -> str:
    """Write the spans of a day; nothing when it is closed."""
    return ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in spans)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def read(kept: str) -> list[Spans]:
    """Give the seven days of what is kept, from Monday."""
    week = dict.fromkeys(DAYS, ())
    for line in kept.splitlines():
        day, _space, spans = line.partition(" ")
        if day not in week:
            raise ValidationError(_("Write hours like 8:00-12:00, 14:00-18:00."), code="hours")
        week[day] = read_day(spans)
    return list(week.values())


def write(week: list[Spans]) -> str:
    """Give what to keep of seven days; nothing when none is open."""
    return "\n".join(
        f"{day} {day_in_words(spans).replace(', ', ',')}"
        for day, spans in zip(DAYS, week, strict=True)
        if spans
    )


def validate_hours(kept: str) -> None:
    """Refuse what read() does not understand."""
    read(kept)


def lines(organization) -> list[tuple[str, str]]:
    """Give the week as people read it, equal days together; nothing when no hours are known."""
    week = read(organization.opening_hours)
    if not any(week):
        return []
    closed = pgettext("day of the week", "Closed")
    shown, first = [], 0
    for day in range(1, 8):
        if day == 7 or week[day] != week[first]:
            label = capfirst(str(WEEKDAYS[first]))
            if day - first > 1:
                words = {"first": label, "last": str(WEEKDAYS[day - 1])}
                label = _("%(first)s to %(last)s") % words
            # A line breaks between spans, never inside one.
            hours = day_in_words(week[first]).replace("-", "–\u2060")
            shown.append((label, hours or closed))
            first = day
    if organization.is_open_on_holidays:
        return [*shown, (_("Public holidays"), _("Open as on other days"))]
    return [*shown, (_("Public holidays"), closed)]
