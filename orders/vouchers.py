"""Vouchers: may this one be used here, take one use with an order, give it back."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from config.lib import money
from config.lib.errors import DomainError

from .models import Order, Voucher, VoucherUse


class VoucherRefused(DomainError):
    code = "voucher_refused"


class UnknownVoucher(VoucherRefused):
    """No voucher has this code; whoever hears it too often may be guessing."""


def clean_code(typed: str) -> str:
    """Give a code as it is kept: any case and any spaces are the same code."""
    return "".join(typed.split()).upper()[:40]


def find(code: str) -> Voucher | None:
    """Give the voucher with this code, in any case."""
    return Voucher.objects.filter(code=clean_code(code)).first() if code else None


def usable(
    code: str, *, subtotal: int, currency: str, now: datetime, customer=None, contact=None
) -> Voucher:
    """Give the voucher with this code, or say why it cannot be used (VoucherRefused).

    `contact` (with e-mail and phone) is how a buyer without account is counted.
    """
    voucher = find(code)
    if voucher is None or not voucher.is_active:
        raise UnknownVoucher(_("We do not know the voucher %(code)s.") % {"code": code[:40]})
    if voucher.starts_at and now < voucher.starts_at:
        raise VoucherRefused(
            _("This voucher is valid from %(date)s.")
            % {"date": date_format(voucher.starts_at, "DATE_FORMAT")}
        )
    if voucher.ends_at and now >= voucher.ends_at:
        raise VoucherRefused(_("This voucher is no longer valid."))
    if subtotal < voucher.minimum:
        raise VoucherRefused(
            _("This voucher is for orders of %(minimum)s or more.")
            % {"minimum": money.label(voucher.minimum, currency)}
        )
    if voucher.limit is not None and voucher.used >= voucher.limit:
        raise VoucherRefused(_("This voucher was already used up."))
    if _used_up_by(voucher, customer=customer, contact=contact):
        raise VoucherRefused(_("You have already used this voucher."))
    return voucher


@transaction.atomic
def take(voucher: Voucher, order: Order, *, now: datetime) -> VoucherUse:
    """Take one use for an order, or say that there is none left; parallel takers take turns."""
    taken = Voucher.objects.filter(
        Q(limit__isnull=True) | Q(used__lt=F("limit")), pk=voucher.pk, is_active=True
    ).update(used=F("used") + 1)
    if not taken:
        raise VoucherRefused(_("This voucher was already used up."))
    # Asked again under the lock that the update holds.
    if _used_up_by(voucher, customer=order.customer, contact=order):
        raise VoucherRefused(_("You have already used this voucher."))
    return VoucherUse.objects.create(
        voucher=voucher, order=order, customer_id=order.customer_id, amount=order.discount
    )


@transaction.atomic
def give_back(order: Order, *, now: datetime) -> None:
    """Give back the use that an order took, once."""
    use = VoucherUse.objects.filter(order=order, returned_at__isnull=True).first()
    if use and VoucherUse.objects.filter(pk=use.pk, returned_at__isnull=True).update(
        returned_at=now
    ):
        voucher = Voucher.objects.select_for_update(no_key=True).get(pk=use.voucher_id)
        # One that came back to life when none was left is used beyond the count (take_again).
        if voucher.uses.filter(returned_at__isnull=True).count() < voucher.used:
            Voucher.objects.filter(pk=voucher.pk).update(used=F("used") - 1)


@transaction.atomic
def take_again(order: Order) -> None:
    """Count a use again for an order that came back to life; its limit was kept when it began."""
    use = VoucherUse.objects.filter(order=order, returned_at__isnull=False).first()
    if use and VoucherUse.objects.filter(pk=use.pk, returned_at__isnull=False).update(
        returned_at=None
    ):
        Voucher.objects.filter(
            Q(limit__isnull=True) | Q(used__lt=F("limit")), pk=use.voucher_id
        ).update(used=F("used") + 1)


def _used_up_by(voucher: Voucher, *, customer, contact) -> bool:
    """Say whether this buyer, by account, e-mail or phone, used it as often as one may."""
    if voucher.limit_per_customer is None:
        return False
    same = Q(pk__in=[])
    if customer is not None:
        same |= Q(customer=customer)
    if contact is not None and contact.email:
        same |= Q(order__email__iexact=contact.email)
    if contact is not None and contact.phone:
        same |= Q(order__phone=contact.phone)
    uses = VoucherUse.objects.filter(same, voucher=voucher, returned_at__isnull=True)
    return uses.count() >= voucher.limit_per_customer
