"""A timeline in words: one sentence for each event, made of its data in the reader's language."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from config.lib import money

from .models import Invoice, Order, OrderEvent, ReturnRequest

_Kind = OrderEvent.Kind


def words(event: OrderEvent, *, with_money: bool = True) -> str:
    """Say what happened, for the buyer and the shop alike; without amounts for who sees none."""
    teller = _TELLERS.get(event.kind)
    told = teller(event.data, _Amount(event.data, with_money)) if teller else ""
    return told or event.get_kind_display()


def actor(event: OrderEvent) -> str:
    """Say who did it, for the shop: a person's name, or who acts when no person does."""
    return {
        "buyer": _("The buyer"),
        "gateway": _("The gateway"),
        "carrier": _("The carrier"),
        "clock": _("By itself"),
    }.get(event.actor_label, event.actor_label)


class _Amount:
    """An amount of an event, or nothing for who may not see money."""

    def __init__(self, data: dict, is_shown: bool):
        self.is_shown, self.label = is_shown, ""
        if is_shown and isinstance(data.get("amount"), int):
            self.label = money.label(data["amount"], data.get("currency", ""))

    def into(self, sentence: str, without: str, **names: str) -> str:
        if self.label:
            return sentence % {"amount": self.label, **names}
        return without % names if names else without


# --- Sentences ------------------------------------------------------------------------------------


def _placed(data, amount):
    return _("We received the order.")


def _agreed(data, amount):
    return _("The buyer accepted the terms of sale.")


def _link_sent(data, amount):
    return _("The link to pay was sent.")


def _payment_started(data, amount):
    told = amount.into(_("A payment of %(amount)s was started."), _("A payment was started."))
    return _with_reason(told, data.get("method"))


def _payment_pending(data, amount):
    return amount.into(
        _("The payment of %(amount)s waits for the bank's answer."),
        _("The payment waits for the bank's answer."),
    )


def _payment_declined(data, amount):
    told = amount.into(_("The payment of %(amount)s was declined."), _("The payment was declined."))
    return _with_reason(told, data.get("message"))


def _proof_received(data, amount):
    return _("We received the proof of payment and are checking it.")


def _paid(data, amount):
    return amount.into(_("We received a payment of %(amount)s."), _("We received the payment."))


def _confirmed(data, amount):
    return _("The order is confirmed.")


def _processing(data, amount):
    return _("We are preparing the order.")


def _ready_to_ship(data, amount):
    return _("The order is packed and ready to leave.")


def _pickup_requested(data, amount):
    return _("We asked the carrier to pick the order up.")


def _shipped(data, amount):
    carrier, number = data.get("carrier", ""), data.get("tracking_number", "")
    if data.get("is_part"):
        return _part_shipped(carrier, number)
    if carrier and number:
        return _("The order left with %(carrier)s, tracking number %(number)s.") % {
            "carrier": carrier,
            "number": number,
        }
    if carrier:
        return _("The order left with %(carrier)s.") % {"carrier": carrier}
    return _("The order is on its way.")


def _part_shipped(carrier: str, number: str) -> str:
    if number:
        return _("A part of the order left with %(carrier)s, tracking number %(number)s.") % {
            "carrier": carrier,
            "number": number,
        }
    return _("A part of the order left with %(carrier)s.") % {"carrier": carrier}


def _held_up(data, amount):
    told = _("The carrier could not deliver the parcel yet.")
    return _with_reason(told, data.get("reason"))


def _delivered(data, amount):
    return _("The order was delivered.")


def _cancelled(data, amount):
    reason = Order.Cancelled
    return {
        reason.EXPIRED: _("The order was cancelled: it was not paid in time."),
        reason.NOT_CONFIRMED: _("The order was cancelled: it was not confirmed in time."),
        reason.BY_BUYER: _("The order was cancelled by the buyer."),
        reason.BY_SHOP: _("The order was cancelled by the shop."),
        reason.REVERSED: _("The order was cancelled: its payment was reversed."),
    }.get(data.get("reason", ""), _("The order was cancelled."))


def _returned(data, amount):
    return _("Everything in the order came back.")


def _changed(data, amount):
    was, now = (data.get(moment, {}).get("total") for moment in ("was", "is"))
    if not amount.is_shown or was == now or None in (was, now):
        return _("The order was changed.")
    currency = data.get("currency", "")
    return _("The order was changed: its total was %(before)s and is now %(after)s.") % {
        "before": money.label(was, currency),
        "after": money.label(now, currency),
    }


def _offer_accepted(data, amount):
    return amount.into(
        _("%(name)s was added to the order for %(amount)s."),
        _("%(name)s was added to the order."),
        name=data.get("name", ""),
    )


def _offer_taken_out(data, amount):
    return amount.into(
        _("%(name)s was taken out of the order again: it was not paid."),
        _("%(name)s was taken out of the order again."),
        name=data.get("name", ""),
    )


def _refund_requested(data, amount):
    told = amount.into(_("A refund of %(amount)s was started."), _("A refund was started."))
    due_on = _day(data.get("due_on"))
    if due_on:
        told += " " + _("It arrives by %(day)s at the latest.") % {"day": due_on}
    return told


def _refunded(data, amount):
    return amount.into(_("%(amount)s were given back."), _("Money was given back."))


def _refund_failed(data, amount):
    told = _("The refund could not be made by the gateway; a person takes over.")
    return _with_reason(told, data.get("error"))


def _return_requested(data, amount):
    kind = ReturnRequest.Kind
    number = {"number": data.get("return", "")}
    if data.get("kind") == kind.WITHDRAWAL:
        return _("The buyer withdraws from the purchase: return %(number)s.") % number
    if data.get("kind") == kind.WARRANTY:
        return _("The buyer asks for the warranty: return %(number)s.") % number
    return _("The buyer asks to return products: return %(number)s.") % number


def _return_changed(data, amount):
    status = ReturnRequest.Status
    number = {"number": data.get("return", "")}
    sentences = {
        status.ACCEPTED: _("Return %(number)s is accepted: the products may be sent back."),
        status.RECEIVED: _("The products of return %(number)s arrived."),
        status.INSPECTED: _("The products of return %(number)s were looked at."),
        status.CLOSED: _("Return %(number)s is finished."),
        status.REJECTED: _("Return %(number)s was refused."),
    }
    sentence = sentences.get(data.get("after", ""))
    return sentence % number if sentence else ""


def _invoice(data, amount):
    status = Invoice.Status
    told = {
        status.PENDING: _("Waits for the DIAN: %(document)s."),
        status.ACCEPTED: _("Accepted by the DIAN: %(document)s."),
        status.REJECTED: _("Rejected by the DIAN: %(document)s."),
        status.ANNULLED: _("Annulled by a credit note: %(document)s."),
    }.get(data.get("status", ""), _("Written anew: %(document)s."))
    return _with_reason(told % {"document": _document(data)}, data.get("error"))


def _invoice_removed(data, amount):
    return _("Taken out, as it was written down by mistake: %(document)s.") % {
        "document": _document(data)
    }


def _document(data) -> str:
    kind = dict(Invoice.Kind.choices).get(data.get("kind", ""), "")
    return " ".join(filter(None, (str(kind), data.get("document", ""))))


def _concern(data, amount):
    known = dict(Order.Concern.choices)
    concern = known.get(data.get("concern", ""))
    return _("Needs a decision: %(what)s.") % {"what": concern} if concern else ""


def _decided(data, amount):
    return {
        "revived": _("Decided: the order goes on."),
        "refunded": _("Decided: the money is given back."),
        "handled": _("Decided: it was settled otherwise."),
    }.get(data.get("how", ""), _("A person decided."))


def _note(data, amount):
    if data.get("transfer"):
        told = amount.into(
            _("Found in the bank account: %(amount)s."), _("Found in the bank account.")
        )
        return _with_reason(told, data["transfer"])
    if data.get("came_back"):
        return _("Shipment %(code)s came back: look at what is in it.") % {
            "code": data["came_back"]
        }
    if data.get("still_collects"):
        return _(
            "Shipment %(code)s still collects money that was paid: cancel it and send it anew."
        ) % {"code": data["still_collects"]}
    if data.get("cash"):
        told = amount.into(_("Cash received: %(amount)s."), _("Cash received."))
        return _with_reason(told, data["cash"])
    if data.get("cash_undone"):
        told = amount.into(
            _("Cash entry taken back: %(amount)s."), _("An entry about cash was taken back.")
        )
        return _with_reason(told, data["cash_undone"])
    return ""


_TELLERS = {
    _Kind.PLACED: _placed,
    _Kind.AGREED: _agreed,
    _Kind.LINK_SENT: _link_sent,
    _Kind.PAYMENT_STARTED: _payment_started,
    _Kind.PAYMENT_PENDING: _payment_pending,
    _Kind.PAYMENT_DECLINED: _payment_declined,
    _Kind.PROOF_RECEIVED: _proof_received,
    _Kind.PAID: _paid,
    _Kind.CONFIRMED: _confirmed,
    _Kind.PROCESSING: _processing,
    _Kind.READY_TO_SHIP: _ready_to_ship,
    _Kind.PICKUP_REQUESTED: _pickup_requested,
    _Kind.SHIPPED: _shipped,
    _Kind.HELD_UP: _held_up,
    _Kind.DELIVERED: _delivered,
    _Kind.CANCELLED: _cancelled,
    _Kind.RETURNED: _returned,
    _Kind.CHANGED: _changed,
    _Kind.OFFER_ACCEPTED: _offer_accepted,
    _Kind.OFFER_TAKEN_OUT: _offer_taken_out,
    _Kind.REFUND_REQUESTED: _refund_requested,
    _Kind.REFUNDED: _refunded,
    _Kind.REFUND_FAILED: _refund_failed,
    _Kind.RETURN_REQUESTED: _return_requested,
    _Kind.RETURN_CHANGED: _return_changed,
    _Kind.INVOICE_RECORDED: _invoice,
    _Kind.INVOICE_CHANGED: _invoice,
    _Kind.INVOICE_REMOVED: _invoice_removed,
    _Kind.CONCERN: _concern,
    _Kind.DECIDED: _decided,
    _Kind.NOTE: _note,
}


def _with_reason(sentence: str, reason: str | None) -> str:
    """Put a reason, as somebody else worded it, behind a sentence."""
    reason = (reason or "").strip().rstrip(".")
    if not reason:
        return sentence
    return f"{sentence.rstrip('.')}: {reason}."


def _day(written: str | None) -> str:
    return date_format(date.fromisoformat(written), "DATE_FORMAT") if written else ""
