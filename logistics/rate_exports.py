"""A rate table written as a spreadsheet, and a template to fill in."""

from collections.abc import Iterator
from functools import partial
from itertools import chain

from django.utils.translation import gettext as _

from config.lib import money, spreadsheets
from shop.models import Organization

from . import places
from .models import Rate, RateTable
from .rate_sheets import COLUMNS, MONEY, PLACE, STEPS


def export(organization: Organization, table: RateTable, *, kind: str) -> bytes | Iterator[str]:
    """Give a table's rates; read again, they change nothing."""
    rates = table.rates.select_related("department", "municipality__department").order_by(
        "department__name", "municipality__code", *STEPS, "id"
    )
    return _file(organization, table.name, map(partial(_row, organization), rates), kind=kind)


def template(organization: Organization, *, kind: str) -> bytes | Iterator[str]:
    """Give a table with some rates that show how it is filled in."""
    column = 0 if organization.language == "es" else 1
    yes, no = _yes_no(organization)
    rows = [
        ["", places.EVERYWHERE[column], "", yes, 0, "", 15900, 150000, 2, 5, yes, 4500],
        ["11", "Bogotá", "", yes, 0, "", 8900, 120000, 1, 1, yes, 3000],
        ["76001", "Valle del Cauca", "Cali", yes, 0, 5000, 10900, "", 1, 2, no, ""],
        ["76001", "Valle del Cauca", "Cali", yes, 0, "", 19900, "", 2, 3, no, ""],
        ["88", "San Andrés", "", no, 0, "", "", "", "", "", no, ""],
    ]
    return _file(organization, _("rates"), rows, kind=kind)


def _file(organization, title: str, rows, *, kind: str) -> bytes | Iterator[str]:
    is_spanish = organization.language == "es"
    headings = [column.spanish if is_spanish else column.english for column in COLUMNS]
    if kind == "xlsx":
        return spreadsheets.xlsx(_sheet_name(title), headings, rows)
    return spreadsheets.csv_later(chain([headings], rows), organization=organization)


def _sheet_name(title: str) -> str:
    """Give a name without the marks that no sheet may have in its own."""
    return "".join(mark for mark in title if mark not in "[]:*?/\\").strip("' ") or "1"


def _row(organization: Organization, rate: Rate) -> list:
    department, municipality = rate.department, rate.municipality
    if municipality is not None:
        place = [municipality.code, municipality.department.name, municipality.name]
    elif department is not None:
        place = [department.code, department.name, ""]
    else:
        place = ["", places.EVERYWHERE[0 if organization.language == "es" else 1], ""]
    yes, no = _yes_no(organization)

    def written(name: str):
        value = getattr(rate, name)
        if isinstance(value, bool):
            return yes if value else no
        if name in MONEY:
            return _amount(value, organization.currency)
        return value

    return [*place, *(written(column.field) for column in COLUMNS[len(PLACE) :])]


def _amount(value: int | None, currency: str) -> int | str | None:
    """Write an amount as a number that every program reads alike, or as people type it."""
    if value is None or value % 100:
        return None if value is None else money.typed(value, currency)
    return value // 100


def _yes_no(organization: Organization) -> tuple[str, str]:
    return ("Sí", "No") if organization.language == "es" else ("Yes", "No")
