"""Bars drawn on the server: every length is a percentage, so that a chart fits any screen."""

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from config.lib import money

# A bar takes this share of its day.
_THICKNESS = 0.68
_LONGEST_WITH_WEEKDAYS = 7
# How many days are named beneath a longer chart.
_LABELS = 6
# Tenths that are round when halved.
_ROUND = (10, 12, 16, 20, 24, 30, 40, 50, 60, 80, 100)


@dataclass(frozen=True)
class Bar:
    """One day: its bar, where its label stands, and the same day of the period before."""

    url: str
    title: str
    slot: str
    slot_width: str
    left: str
    width: str
    top: str
    height: str
    before: str
    middle: str
    label: str
    weekday: str
    # Every second label gives way where there is no room.
    is_spare: bool


@dataclass(frozen=True)
class Gridline:
    """A height of the chart and the amount that it stands for."""

    top: str
    label: str


@dataclass(frozen=True)
class Chart:
    bars: list[Bar]
    gridlines: list[Gridline]


def draw(report, *, currency: str, url_of) -> Chart:
    """Draw the sales of every day; `url_of` gives the list that a day leads to."""
    highest = max(
        *(day.sales for day in report.by_day.values()),
        *(day.sales for day in report.by_day_before.values()),
    )
    top = ceiling(highest)
    step = 100 / report.length
    bars = []
    for place, (day, totals) in enumerate(report.by_day.items()):
        before = report.by_day_before[day].sales
        height = 100 * totals.sales / top
        bars.append(
            Bar(
                url=url_of(day),
                title=f"{short_day(day)}: {money.label(totals.sales, currency)}",
                slot=_percent(place * step),
                slot_width=_percent(step),
                left=_percent((place + (1 - _THICKNESS) / 2) * step),
                width=_percent(step * _THICKNESS),
                top=_percent(100 - height),
                height=_percent(height),
                before=_percent(100 - 100 * before / top) if before > 0 else "",
                middle=_percent((place + 0.5) * step),
                label=_label(day, place, report.length),
                weekday=date_format(day, "D") if _names_weekdays(report.length) else "",
                is_spare=not _names_weekdays(report.length)
                and _turn(place, report.length) % 2 == 1,
            )
        )
    gridlines = [
        Gridline(_percent(100 - share), money.typed(top * share // 100, currency))
        for share in (100, 50, 0)
    ]
    return Chart(bars, gridlines)


def share(amount: int, whole: int) -> str:
    """Give a part of a whole as the width of a bar."""
    return _percent(100 * max(0, amount) / whole if whole > 0 else 0)


def ceiling(amount: int) -> int:
    """Give the next number above that is round, and round when halved: 1.2, 1.6, 2, 2.4 million."""
    power = 10 ** max(2, len(str(max(1, amount))) - 2)
    return next(step * power for step in _ROUND if step * power >= amount)


def _label(day, place: int, length: int) -> str:
    if _names_weekdays(length):
        return str(day.day)
    every = length // _LABELS
    return short_day(day) if (length - 1 - place) % every == every // 2 else ""


def _turn(place: int, length: int) -> int:
    return (length - 1 - place) // (length // _LABELS)


def _names_weekdays(length: int) -> bool:
    return length <= _LONGEST_WITH_WEEKDAYS


def short_day(day) -> str:
    """Write a day without its year."""
    # Translators: a short day as Django's dates are written: "j M" gives 9 Mar, "j b" gives 9 mar.
    return date_format(day, _("j M"))


def _percent(number: float) -> str:
    # Written here, because a template would write 3,5 where people do.
    return f"{number:.2f}%"
