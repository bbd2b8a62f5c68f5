"""Fill an empty database with two shops one can click through, or take them out again."""

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import local
from config.lib.errors import DomainError
from shop.demo import loading, removing, texts
from shop.models import Organization, User


class Command(BaseCommand):
    help = "Load the demo shops, or remove them; what is there already is never changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help="Load nothing when any organization exists.",
        )
        parser.add_argument(
            "--remove",
            action="store_true",
            help="Delete every row and picture of the demo, and nothing else.",
        )

    def handle(self, *, if_empty: bool, remove: bool, **options) -> None:
        if remove:
            self._remove()
            return
        password = settings.DEMO_PASSWORD or local.secret("demo-password", length=16)
        if not (if_empty and Organization.objects.exists()):
            try:
                # Progress goes to the error stream, so that sign-ins stand alone on the other.
                loading.load(password=password, report=self.stderr.write)
            except DomainError as error:
                raise CommandError(str(error)) from error
        self._tell_sign_ins(password)

    def _remove(self) -> None:
        removed = removing.remove()
        for name in removed.gone:
            self.stdout.write(f"{name}: removed.")
        for name in removed.kept:
            self.stdout.write(f"{name}: demo rows removed; the shop stays with the rows of others.")
        if not (removed.gone or removed.kept):
            self.stdout.write("There is no demo shop.")

    def _tell_sign_ins(self, password: str) -> None:
        """Say where the demo shops are and who may sign in there."""
        demo = {row.slug: row for row in Organization.objects.filter(is_demo=True)}
        if not demo:
            return
        for slug in texts.SHOPS:
            if slug in demo:
                text = texts.read(slug)
                self.stdout.write(f"{demo[slug].name}, at host {text.hosts[0]}")
                for member in text.members:
                    self.stdout.write(f"  {member['role']:10} {member['email']}")
                for customer in text.customers:
                    if customer.get("account"):
                        self.stdout.write(f"  {'customer':10} {customer['email']}")
        self.stdout.write(f"Operator of the installation\n  {'':10} {loading.OPERATOR}")
        self.stdout.write(_about_password(password))


def _about_password(password: str) -> str:
    operator = User.objects.filter(email=loading.OPERATOR, is_demo=True).first()
    if operator is not None and operator.check_password(password):
        return f"Password of all of them: {password}"
    return "Their password is the one set when the demo was loaded."
