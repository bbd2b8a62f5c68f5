"""manage.py import_products: bring a catalogue from a spreadsheet into a shop."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from django_scopes import scope

from config.lib.errors import DomainError

from ... import imports
from ...imports import fetching, reading, running
from ...models import ImportPicture, Organization, ProductImport

Status = ProductImport.Status


class Command(BaseCommand):
    help = (
        "Import products from a CSV file or an Excel workbook: our template, or an export of "
        "Shopify, WooCommerce or Spree. Ends with 1 when rows were left out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--organization", help="its short name; needed when there are several")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument(
            "--rate",
            action="append",
            default=[],
            metavar="USD=4100",
            help="what a unit of another currency is worth; may be repeated",
        )
        parser.add_argument("--currency", help="of prices that do not say theirs")

    def handle(self, *, file, organization, dry_run, rate, currency, **options) -> None:
        here = _organization(organization)
        rates = dict(pair.partition("=")[::2] for pair in rate)
        with scope(organization=here), translation.override(here.language):
            try:
                one = self._receive(here, file, rates, currency or "")
                self._import(one, only_look=dry_run)
            except DomainError as error:
                raise CommandError(str(error)) from error

    def _receive(self, here: Organization, path: Path, rates: dict, currency) -> ProductImport:
        try:
            file = path.open("rb")
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}.") from error
        with file:
            one = reading.keep(here, None, name=path.name, file=file)
        try:
            one.rates, one.currency = imports.cleaned(one, rates, currency)
        except DomainError:
            imports.discard(one)
            raise
        one.save(update_fields=["rates", "currency"])
        return one

    def _import(self, one: ProductImport, *, only_look: bool) -> None:
        if not only_look:
            try:
                running.start(one, person=None, now=timezone.now(), unseen=True)
            except DomainError:
                imports.discard(one)
                raise
        running.carry_on(one.pk, report=self._progress())
        one.refresh_from_db()
        if one.status == Status.FAILED:
            reason = imports.words(one)
            if not (one.added or one.changed):
                # Nothing came of it: nothing of it stays.
                one.delete()
            raise CommandError(reason)
        if one.is_at_work:
            raise CommandError(
                "Another worker took this import over: the admin shows how far it is."
            )
        self._tell(one)
        faulty = one.faulty
        if only_look:
            imports.discard(one)
            self.stdout.write("Nothing was changed (--dry-run).")
        else:
            self._fetch_pictures(one)
        if faulty:
            raise SystemExit(1)

    def _tell(self, one: ProductImport) -> None:
        self.stdout.write(f"{one.name}: {one.get_format_display()}, {one.rows} rows.")
        self.stdout.write(
            f"{one.added} added, {one.changed} changed, {one.unchanged} unchanged, "
            f"{one.faulty} with errors."
        )
        for fault in one.faults.order_by("line", "id").iterator(chunk_size=1_000):
            column = f" {fault.column}:" if fault.column else ""
            self.stderr.write(f"line {fault.line}:{column} {imports.words(fault)}")

    def _fetch_pictures(self, one: ProductImport) -> None:
        """Fetch for a moment; workers go on with what is left."""
        waiting = one.pictures.filter(status=ImportPicture.Status.WAITING)
        if waiting.exists():
            fetching.fetch(one.organization)
            self.stdout.write(f"{waiting.count()} pictures are left to the workers.")

    def _progress(self):
        said = -1

        def report(one: ProductImport) -> None:
            nonlocal said
            if one.progress // 10 > said:
                said = one.progress // 10
                self.stdout.write(f"  {one.done} of {one.total} products")

        return report


def _organization(slug: str | None) -> Organization:
    found = Organization.objects.all()
    if slug:
        found = found.filter(slug=slug)
    found = list(found[:2])
    if len(found) == 1:
        return found[0]
    if slug:
        raise CommandError(f"There is no organization {slug}.")
    raise CommandError("Say whose shop it is: --organization SLUG.")
