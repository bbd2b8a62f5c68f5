"""What sending for real needs of outside carriers."""

from django.urls import reverse
from django.utils.translation import gettext as _

from shop.models import Organization
from shop.readiness import Point

from . import carriers
from .models import CarrierAccount, Origin


def points(organization: Organization) -> list[Point]:
    """Give the point of this shop, whose scope is open; none for a shop without carriers."""
    accounts = CarrierAccount.objects.filter(is_active=True)
    problems = []
    for account in accounts:
        wrong = list(carriers.get(account.provider).problems(account))
        if account.provider == CarrierAccount.Provider.PRACTICE:
            continue
        if organization.is_live and not account.is_live:
            wrong.append(_("It holds test keys, and the shop is live."))
        problems += [
            _("%(account)s: %(problem)s") % {"account": account, "problem": problem}
            for problem in wrong
        ]
    if accounts and not Origin.objects.filter(is_active=True).exists():
        problems.append(_("Nobody can come for parcels yet: add a place of dispatch."))
    if not accounts:
        return []
    return [
        Point(
            _("Carriers"),
            tuple(problems),
            reverse("admin:logistics_carrieraccount_changelist"),
            "logistics.view_carrieraccount",
        )
    ]
