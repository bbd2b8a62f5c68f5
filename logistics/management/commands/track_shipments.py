"""manage.py track_shipments: ask carriers about the shipments that are due, now."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from django_scopes import scope

from shop.models import Organization

from ... import polling
from ...models import CarrierAccount, Shipment


class Command(BaseCommand):
    help = (
        "Ask carriers about the shipments that are due, within each carrier's limits. "
        "Workers do the same by themselves."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", help="its short name; otherwise all of them")
        parser.add_argument(
            "--all", action="store_true", help="also those that are not due yet, as soon as allowed"
        )

    def handle(self, *, organization, **options) -> None:
        chosen = Organization.objects.open().order_by("slug")
        if organization:
            chosen = chosen.filter(slug=organization)
            if not chosen:
                raise CommandError(f"There is no organization {organization}.")
        for here in chosen:
            with scope(organization=here), translation.override(here.language):
                self._look_after(here, everything=options["all"])

    def _look_after(self, here: Organization, *, everything: bool) -> None:
        for account in CarrierAccount.objects.filter(is_active=True):
            account.organization = here
            now = timezone.now()
            on_the_way = Shipment.objects.filter(account=account, track_at__isnull=False)
            if everything:
                on_the_way.filter(track_at__gt=now).update(track_at=now)
            asked = polling.look_after(account, now=now)
            left = on_the_way.filter(track_at__lte=timezone.now()).count()
            self.stdout.write(f"{here.slug} · {account}: {asked} asked about, {left} left")
