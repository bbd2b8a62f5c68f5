"""Says what each shop, and the installation, lacks before going live."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django_scopes import scope

from config import parts
from shop import readiness
from shop.models import Organization


class Command(BaseCommand):
    help = (
        "Names each missing key, wrong mode and part that does not run, and ends with 1 when "
        "there is any: of one organization, or of all that are open."
    )

    def add_arguments(self, parser):
        parser.add_argument("--organization", metavar="SLUG", help="only this one")

    def handle(self, *args, organization, **options):
        shops = Organization.objects.open()
        if organization:
            shops = shops.filter(slug=organization)
            if not shops.exists():
                raise CommandError(f"No open organization has the short name {organization}.")
        wrong = self._tell_parts()
        with translation.override("en"):
            wrong += sum(self._tell(shop) for shop in shops)
        if wrong:
            raise CommandError(f"{wrong} points are not ready.")
        self.stdout.write("Everything is ready.")

    def _tell_parts(self) -> int:
        found = {name: part for name, part in parts.look().items() if not part["ok"]}
        for name, part in found.items():
            self.stdout.write(f"installation · {name}: {part.get('error', 'too late')}")
        return len(found)

    def _tell(self, shop: Organization) -> int:
        with scope(organization=shop):
            points = [point for point in readiness.points(shop) if point.problems]
        for point in points:
            for problem in point.problems:
                self.stdout.write(f"{shop.slug} · {point.subject}: {problem}")
        return len(points)
