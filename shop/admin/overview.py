"""The first page: what to do now, how it goes, and what happened; each app adds its part."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

# Beyond this a figure says "more than", and costs no more.
_MOST = 999
_MOST_NEWS = 8


@dataclass(frozen=True)
class Waiting:
    """Rows that wait for somebody, and the address of the list that shows exactly them."""

    label: str
    rows: QuerySet
    url: str
    icon: str
    # Money, promises or people suffer while it waits.
    is_urgent: bool = False
    # It waits for somebody outside.
    is_quiet: bool = False


@dataclass(frozen=True)
class Step:
    """One thing that a new shop needs; done when so many rows are there."""

    label: str
    hint: str
    url: str
    icon: str
    rows: QuerySet
    needed: int = 1
    # A shop may sell without it.
    is_extra: bool = False


@dataclass(frozen=True)
class News:
    """One thing that happened: who did what to which row."""

    at: datetime
    who: str
    words: str
    about: str
    url: str = ""

    @property
    def ago(self) -> str:
        return ago(self.at)


@dataclass(frozen=True)
class Panel:
    """A part of the page with a template of its own, which finds `panel` filled with these."""

    template: str
    values: dict
    is_wide: bool = False


_waiting: list[Callable] = []
_steps: list[Callable] = []
_news: list[Callable] = []
_panels: list[Callable] = []
_settled: list[Callable] = []


def add(
    *,
    waiting: Callable | None = None,
    steps: Callable | None = None,
    news: Callable | None = None,
    panels: Callable | None = None,
    is_settled: Callable | None = None,
) -> None:
    """Let an app put its parts on the page; each is asked with the request for a list.

    Whether the shop is settled, and needs no first steps any more, is answered with yes or no.
    """
    for parts, source in (
        (_waiting, waiting),
        (_steps, steps),
        (_news, news),
        (_panels, panels),
        (_settled, is_settled),
    ):
        if source is not None:
            parts.append(source)


def page(request) -> dict:
    """Give all that this person may see of the first page."""
    news = [one for source in _news for one in source(request)]
    return {
        "waiting": _counted(request),
        "guide": _guide(request),
        "panels": [panel for source in _panels for panel in source(request)],
        "news": sorted(news, key=lambda one: one.at, reverse=True)[:_MOST_NEWS],
    }


def _counted(request) -> list[dict]:
    """Give what waits, what is urgent first; nothing is said of what does not."""
    # What apps above added stands first: orders before shelves.
    asked = [waiting for source in reversed(_waiting) for waiting in source(request)]
    found = [
        {"waiting": waiting, "number": f"{_MOST}+" if number > _MOST else str(number)}
        for waiting, number in zip(
            asked, count_each([one.rows for one in asked], _MOST), strict=True
        )
        if number
    ]
    return sorted(found, key=lambda one: (not one["waiting"].is_urgent, one["waiting"].is_quiet))


def _guide(request) -> dict | None:
    """Give the first steps of a new shop, until nothing that it needs is missing."""
    steps = [step for source in _steps for step in source(request)]
    steps.sort(key=lambda step: step.is_extra)
    if not steps or any(source() for source in _settled):
        return None
    numbers = count_each([step.rows for step in steps], max(step.needed for step in steps))
    checked = [
        {"step": step, "is_done": number >= step.needed}
        for step, number in zip(steps, numbers, strict=True)
    ]
    if all(one["is_done"] or one["step"].is_extra for one in checked):
        return None
    done = sum(one["is_done"] for one in checked)
    return {"steps": checked, "done": done, "share": f"{100 * done // len(checked)}%"}


def count_each(querysets: list[QuerySet], most: int) -> list[int]:
    """Count the rows of each in one query, but no further than one past this number."""
    selects, values = [], []
    for queryset in querysets:
        try:
            sql, parameters = queryset.order_by()[: most + 1].values("pk").query.sql_with_params()
        except EmptyResultSet:
            selects.append("0")
        else:
            selects.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608
            values += parameters
    if not values:
        return [0] * len(querysets)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(selects)}", values)
        return list(cursor.fetchone())


def ago(moment: datetime) -> str:
    """Say how long ago something was, in one unit."""
    if (timezone.now() - moment).total_seconds() < 60:
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(moment, depth=1)}
