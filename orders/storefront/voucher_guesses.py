"""Using a voucher by its code, without letting anybody try codes until one fits."""

from datetime import datetime

from django.utils.translation import gettext as _

from config.lib import counting, visitor
from config.lib.errors import DomainError
from shop.models import Customer

from .. import cart, vouchers
from ..cart import Opened
from ..contents import Contents

# So many unknown codes from one connection are slips of the finger; more are guesses.
RATES = ("8/m", "30/h")


class TooManyCodes(DomainError):
    code = "too_many_codes"


def use(
    request, found: Opened, inside: Contents, *, code: str, now: datetime, customer: Customer | None
) -> None:
    """Use a voucher with this cart; who tried too many that do not exist waits before any more."""
    organization = request.organization
    who = f"voucher:{organization.pk}:{visitor.network(request)}"
    if any(counting.is_over(f"{who}:{rate}", rate) for rate in RATES):
        raise TooManyCodes(
            _("You tried many codes that do not exist. Wait a while before the next one.")
        )
    try:
        cart.apply_voucher(organization, found, inside, code=code, now=now, customer=customer)
    except vouchers.UnknownVoucher:
        for rate in RATES:
            counting.wait(f"{who}:{rate}", rate)
        raise
