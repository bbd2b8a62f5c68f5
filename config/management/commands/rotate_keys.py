"""Encrypts every kept secret under the first of FIELD_ENCRYPTION_KEYS."""

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from config.lib import rotation


class Command(BaseCommand):
    help = (
        "Encrypts every kept secret anew, under the first of FIELD_ENCRYPTION_KEYS. The shop may "
        "run meanwhile; stopped halfway, the command continues where it was."
    )

    def add_arguments(self, parser):
        parser.add_argument("--chunk", type=int, default=200, help="rows in one transaction")
        parser.add_argument("--dry-run", action="store_true", help="only say how many remain")

    def handle(self, *args, chunk, dry_run, **options):
        if chunk < 1:
            raise CommandError("--chunk must be at least 1.")
        columns = rotation.columns()
        self._require_keys(columns)
        unreadable = 0
        for column in columns:
            if not dry_run:
                unreadable += self._rotate(column, chunk=chunk)
        remain = self._remaining(columns)
        if unreadable:
            raise CommandError(
                f"{unreadable} rows cannot be read: they were encrypted under another SECRET_KEY. "
                "Add the old one to FIELD_ENCRYPTION_KEYS, last, and run this again."
            )
        self.stdout.write(
            f"{remain} rows remain." if remain else "Every row is under the newest key."
        )

    def _require_keys(self, columns) -> None:
        """Refuse to begin when a key was forgotten that rows still need."""
        with connection.cursor() as cursor:
            lost = sorted(set().union(*(rotation.lost_keys(cursor, one) for one in columns)))
        if lost:
            raise CommandError(
                f"FIELD_ENCRYPTION_KEYS lacks the key named {', '.join(lost)}, which rows still "
                "need. Put it back, last in the list, and run this again."
            )

    def _rotate(self, column, *, chunk: int) -> int:
        passed = rotation.Passed()
        for passed in rotation.rotate(column, chunk=chunk):
            with connection.cursor() as cursor:
                remain = rotation.remaining(cursor, column)
            self.stdout.write(f"{column.table}: {passed.changed} done, {remain} remain")
        return passed.unreadable

    def _remaining(self, columns) -> int:
        with connection.cursor() as cursor:
            return sum(rotation.remaining(cursor, column) for column in columns)
