"""What the page of an order shows its buyer."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.lib import money
from shop import addresses, pages

from .. import (
    deadlines,
    invoices,
    offer_card,
    offers,
    order_summary,
    paying,
    payments,
    progress,
    proofs,
    timeline_words,
    tokens,
)
from ..models import Order, OrderEvent, PaymentAccount
from ..order_state import State, Tone
from ..payments.base import Purchase
from . import order_parcels

# How often the page looks for news, in milliseconds: at first, and later at most.
_LIVE, _CALM = (2_500, 10_000), (20_000, 60_000)
RETURNABLE = (Order.Status.SHIPPED, Order.Status.DELIVERED)


def queryset():
    """Give orders with what their page needs of other rows."""
    return Order.objects.select_related("organization", "account", "customer")


def context(state: State) -> dict:
    """Give everything that the page and its refreshed part print."""
    order = state.order
    token = tokens.for_order(order)
    headline = state.headline
    return {
        "order": order,
        "token": token,
        "headline": headline,
        "steps": progress.progress(order),
        "poll": _poll(state),
        "stamp": stamp(state),
        "until": _until(state),
        "outstanding": money.label(order.outstanding, order.currency),
        "agreement": _agreement(state),
        "payment": _payment(state),
        "offer": _offer(state),
        "may_leave_out": state.added is not None and not state.is_in_progress,
        "transfer": _transfer(state),
        **order_summary.context(order),
        "parcels": order_parcels.parcels(order),
        "events": _events(order),
        "papers": invoices.validated(order),
        "returns": list(order.returns.all()) if order.has_left else [],
        "withdrawal": _withdrawal(state),
        "may_return": order.status in RETURNABLE,
        "may_cancel": state.may_cancel,
        "may_change": state.may_change,
        "urls": _urls(order, token),
    }


def stamp(state: State) -> str:
    """Give what differs as soon as the page would: it asks for news with the one it has."""
    order = state.order
    flags = (state.is_asking, state.is_over, offers.is_time(order, now=state.now))
    parts = (f"{order.changed_at.timestamp():.6f}", *map(int, flags))
    return "-".join(str(part) for part in parts)


def _poll(state: State) -> tuple[int, int] | None:
    if state.is_final:
        return None
    return _LIVE if state.headline.is_live else _CALM


def _urls(order: Order, token: str) -> dict[str, str]:
    names = {
        "detail": "order-detail",
        "status": "order-status",
        "agree": "order-agree",
        "pay": "order-pay",
        "proof": "order-proof",
        "cancel": "order-cancel",
        "change": "order-change",
        "again": "order-again",
        "leave_out": "order-leave-out",
        "return": "order-return-request",
        "document": "order-document",
    }
    return {key: reverse(f"orders:{name}", args=[token]) for key, name in names.items()}


# --- Paying ---------------------------------------------------------------------------------------


def _until(state: State) -> dict | None:
    """Say how long the order waits, when the buyer has to do something until then."""
    end = state.waits_until
    if not end or state.headline.tone == Tone.WAIT:
        return None
    left = end - state.now
    minutes = max(1, round(left.total_seconds() / 60))
    if minutes < 120:
        words = ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    elif minutes < 48 * 60:
        hours = round(minutes / 60)
        words = ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    else:
        days = round(minutes / 1440)
        words = ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
    moment = deadlines.written_moment(end, now=state.now)
    return {"moment": moment, "left": words}


def choices(order: Order) -> list[paying.Choice]:
    """Give the ways to pay what is due now; cash on delivery was decided with the order."""
    purchase = Purchase(
        total=order.due_now,
        currency=order.currency,
        municipality_code=order.delivery.get("municipality_code", ""),
        allows_cash_on_delivery=False,
        customer=order.customer,
    )
    found = paying.choices(order.organization, purchase)
    return [one for one in found if one.account.provider != PaymentAccount.Provider.CASH]


def _agreement(state: State) -> dict | None:
    """Give the terms that the buyer has to accept before anything is paid or confirmed."""
    if not state.order.needs_agreement or not (state.may_pay or state.waits_for_word):
        return None
    return {
        "version": pages.VERSIONS[pages.TERMS],
        "terms_url": pages.by_slug(pages.TERMS).url,
        "privacy_url": pages.by_slug(pages.PRIVACY).url,
    }


def _payment(state: State) -> dict | None:
    if not state.may_pay or state.has_proof or state.order.needs_agreement:
        return None
    order = state.order
    found = [one for one in choices(order) if not one.refusal]
    current = order.account_id
    if state.attempt is not None and state.attempt.account_id != current:
        # A deposit is paid by another account than the order's.
        current = state.attempt.account_id
    if found and current not in {one.account.pk for one in found}:
        current = found[0].account.pk
    is_transfer = _transfer_account(state) is not None
    return {
        "choices": found,
        "current": current,
        "amount": money.label(order.due_now, order.currency),
        # Whoever waits for a bank, or transfers, needs the other ways only on second thought.
        "is_folded": is_transfer or state.headline.tone == Tone.WAIT,
    }


def _transfer_account(state: State) -> PaymentAccount | None:
    """Give the bank account to which the buyer was going to transfer, if any."""
    account = state.attempt.account if state.attempt is not None else state.order.account
    is_transfer = account is not None and account.provider == PaymentAccount.Provider.TRANSFER
    return account if is_transfer else None


def _transfer(state: State) -> dict | None:
    account = _transfer_account(state)
    may_see = (state.may_pay and not state.order.needs_agreement) or state.has_proof
    if account is None or not may_see:
        return None
    order = state.order
    return {
        "instructions": payments.get(account.provider).instructions(account),
        "amount": money.label(order.due_now, order.currency),
        "reference": order.label,
        "proof_at": state.attempt.proof_at if state.has_proof else None,
        "kinds": proofs.ACCEPTED,
    }


def _offer(state: State) -> dict | None:
    """Give what may still be added to the order, as it is shown."""
    order = state.order
    offer = offers.shown_to(order, now=state.now)
    if offer is None:
        return None
    variant = offer.variant
    return offer_card.context(offer, order.currency) | {
        "is_paid_later": order.is_cash_on_delivery or order.status == Order.Status.PENDING,
        "url": addresses.product(variant.product.slug),
        "action": reverse("orders:order-offer", args=[tokens.for_order(order), offer.pk]),
    }


# --- What happened --------------------------------------------------------------------------------


def _events(order: Order) -> list[dict]:
    shown = order.events.filter(is_public=True)
    return [
        {
            "at": event.at,
            "words": timeline_words.words(event),
            # What people of the shop wrote for the buyer; a cancellation's note is for colleagues.
            "note": event.note if event.kind == OrderEvent.Kind.RETURN_CHANGED else "",
        }
        for event in shown
    ]


def _withdrawal(state: State) -> str:
    """Say until when the buyer may withdraw from the purchase."""
    order = state.order
    if order.status != Order.Status.DELIVERED:
        return ""
    until = deadlines.withdrawal_ends(order)
    if deadlines.may_withdraw(order, now=state.now):
        return _("You can withdraw from this purchase until %(day)s.") % {
            "day": deadlines.written(until)
        }
    return _("The time to withdraw ended on %(day)s.") % {"day": deadlines.written(until)}
