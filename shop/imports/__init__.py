"""Catalogues from spreadsheets: read, looked through, brought into the shop, and out again.

What pages and commands call (all inside the organization's scope):

    receive(organization, person, *, name, file) -> ProductImport
        Check a file and keep it; it is read at once when small, else in the background (status
        "reading", then "ready" or "failed"). Raises BadFile with a sentence for the person.
    preview(one, *, most=20) -> Preview
        Columns recognised and left out, currencies, and the first products with what would change.
        The counts of the whole file stand on the import (added, changed, unchanged, faulty).
    choose(one, *, rates=None, currency=None)
        Say what a unit of another currency is worth ({"USD": "4100,50"}) and which currency prices
        without one have; then the whole file is counted again. Raises BadRate.
    start(one, *, person, now)
        Bring it into the shop in the background; done / total is the progress. Raises Busy.
    stop(one, *, person)
        End a run after the products it is at; what is in stays in, and can be undone.
    undo(one, *, person, now)
        Take everything back that this import did, in the background. Raises Busy.
    discard(one)
        Forget a file that was not started. Raises NotNow.
    words(row) -> str
        Why (an ImportFault, ImportPicture or failed ProductImport), in the reader's language.
    error_file(one) -> Iterator[str]
        CSV of the rows with errors: the columns of the file, then line and reason.
    export(organization, products=None, *, kind) -> Iterator[str] | bytes
        The products in the columns of our template, as lines of "csv" or a whole "xlsx".
    template(organization, *, kind) -> Iterator[str] | bytes
        Our template: its headings, and two products as examples.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import BinaryIO

from django.utils.translation import gettext as _

from config.lib import money
from config.lib.errors import DomainError

from ..models import Organization, ProductImport, User
from . import reading, running, tasks
from .exporting import error_file, export, template
from .previewing import Preview, preview
from .reasons import BadFile, words
from .running import Busy, NotNow, discard, stop

__all__ = [
    "BadFile",
    "BadRate",
    "Busy",
    "NotNow",
    "Preview",
    "choose",
    "discard",
    "error_file",
    "export",
    "preview",
    "receive",
    "start",
    "stop",
    "template",
    "undo",
    "words",
]

# A file up to this size is read while its giver waits.
_READ_AT_ONCE = 256 * 1024


class BadRate(DomainError):
    code = "bad_rate"


def receive(
    organization: Organization, person: User | None, *, name: str, file: BinaryIO
) -> ProductImport:
    """Check a file, keep it, and have it read; raises BadFile with a sentence for its giver."""
    one = reading.keep(organization, person, name=name, file=file)
    if file.seek(0, 2) > _READ_AT_ONCE:
        _hurry(one)
        return one
    running.carry_on(one.pk)
    one.refresh_from_db()
    if one.status == ProductImport.Status.FAILED:
        one.delete()
        raise BadFile(one.reason, **one.parameters)
    return one


def choose(
    one: ProductImport,
    *,
    rates: Mapping[str, str] | None = None,
    currency: str | None = None,
) -> None:
    """Say what other currencies are worth and which one prices have that do not say it."""
    rates, currency = cleaned(one, rates or {}, one.currency if currency is None else currency)
    running.choose(one, rates=rates, currency=currency)
    _hurry(one)


def cleaned(
    one: ProductImport, rates: Mapping[str, str], currency: str
) -> tuple[dict[str, str], str]:
    """Give rates and currency as they are kept, or raise BadRate."""
    if currency and currency not in money.CURRENCIES:
        raise BadRate(_("We do not know the currency %(code)s.") % {"code": currency})
    shop = one.organization.currency
    read = {code: str(_rate(code, rate, shop)) for code, rate in rates.items() if str(rate).strip()}
    return read, currency


def start(one: ProductImport, *, person: User | None, now: datetime) -> None:
    """Bring a file that is ready into the shop, in the background."""
    running.start(one, person=person, now=now)
    _hurry(one)


def undo(one: ProductImport, *, person: User | None, now: datetime) -> None:
    """Take back everything that an import did, in the background."""
    running.undo(one, person=person, now=now)
    _hurry(one)


def _hurry(one: ProductImport) -> None:
    tasks.carry_on.delay_on_commit(organization_id=str(one.organization_id), import_id=str(one.pk))


def _rate(code: str, typed: str, shop: str) -> Decimal:
    """Give what a person typed as the worth of a unit: "4.100,50" pesos for a dollar."""
    text = str(typed).strip()
    cents = money.read(text, shop)
    if cents is not None:
        rate = Decimal(cents) / 100
    else:
        try:
            rate = Decimal(text.replace(",", "."))
        except InvalidOperation:
            rate = Decimal(0)
    if code not in money.CURRENCIES or code == shop or not 0 < rate < 10_000_000:
        raise BadRate(
            _("«%(rate)s» is not what one %(code)s is worth in %(shop)s.")
            % {"rate": text[:40], "code": code[:3], "shop": shop}
        )
    return rate
