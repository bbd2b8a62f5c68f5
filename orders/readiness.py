"""What selling for real needs of ways to pay and of delivery."""

from django.urls import reverse
from django.utils.translation import gettext as _

from logistics.models import CarrierAccount, Origin, Rate
from shop.models import Organization
from shop.readiness import Point

from . import payments
from .models import PaymentAccount


def points(organization: Organization) -> list[Point]:
    """Give the points of this shop, whose scope is open."""
    return [_payments(organization), _delivery(organization)]


def _payments(organization: Organization) -> Point:
    accounts = PaymentAccount.objects.filter(is_active=True)
    problems, is_payable = [], False
    for account in accounts:
        wrong = payments.get(account.provider).problems(account)
        if account.provider == PaymentAccount.Provider.PRACTICE:
            continue
        if organization.is_live and not account.is_live:
            wrong.append(_("It holds test keys, and the shop is live."))
        problems += [
            _("%(account)s: %(problem)s") % {"account": account, "problem": problem}
            for problem in wrong
        ]
        is_payable = is_payable or (account.is_live and not wrong)
    if not is_payable:
        problems.insert(0, _("No way to pay takes real money: add one with live keys."))
    return Point(
        _("Ways to pay"),
        tuple(problems),
        reverse("admin:orders_paymentaccount_changelist"),
        "orders.view_paymentaccount",
        # One faulty account keeps nobody from paying another way.
        is_needed=not is_payable,
    )


def _delivery(organization: Organization) -> Point:
    asked = CarrierAccount.objects.filter(
        is_active=True, is_quoted=True, is_live=organization.is_live
    )
    can_deliver = Rate.objects.filter(table__is_active=True).exists() or (
        asked.exists() and Origin.objects.filter(is_active=True).exists()
    )
    return Point(
        _("Delivery"),
        () if can_deliver else (_("Nothing can be delivered: add a table of rates."),),
        reverse("admin:logistics_ratetable_changelist"),
        "logistics.view_ratetable",
        is_needed=True,
    )
