"""The checkout in words: its fields, and the parts that change with place, cart and choice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from config.lib import money
from config.lib.memory import Memory
from config.lib.skeletons import Skeleton
from logistics import quotes
from logistics.quotes import CarriersSilent, NotDelivered, Quote
from shop import addresses, opening_hours, pages, places
from shop.models import Address, Customer, Municipality, Organization
from shop.models.customers import DocumentType

from .. import paying, payments, pricing
from ..models import PaymentAccount
from ..payments.base import Purchase
from ..subscriptions import beginning
from . import cart_page
from .cart_page import Look
from .checkout_form import NEW_ADDRESS, CheckoutForm

# As the places themselves (shop/places.py).
_departments = Memory(seconds=3600)
_field = Skeleton("orders/_checkout_field.html")
_choice = Skeleton("orders/_checkout_choice.html")
_option = Skeleton("orders/_checkout_option.html")
_place = Skeleton("orders/_checkout_place.html")
_line = Skeleton("orders/_checkout_line.html")
_problem = Skeleton("orders/_checkout_problem.html")
_parts = {
    name: Skeleton(f"orders/_checkout_{name}.html")
    for name in ("places", "delivery", "payment", "summary")
}


@dataclass(frozen=True)
class Offer:
    """What this buyer may choose now, what is chosen, and what it all costs."""

    organization: Organization
    seen: Look
    municipality: Municipality | None
    quotes: Sequence[Quote]
    # Why there are none, once a place is chosen.
    nowhere: NotDelivered | None
    quote: Quote | None
    choices: Sequence[paying.Choice]
    account: PaymentAccount | None
    price: pricing.Price
    # By which plans some of it could come again, and the one that is chosen.
    repeats: Sequence[beginning.Offer] = ()
    repeat: beginning.Offer | None = None
    may_keep: bool = False

    @property
    def is_free(self) -> bool:
        """Whether nothing is left to pay, delivery included."""
        return self.quote is not None and not self.price.total

    def refusal_of(self, account: str) -> str:
        """Say why the payment that a form names is not possible here, if it is offered at all."""
        return next((one.refusal for one in self.choices if one.account.pk.hex == account), "")


def offer(
    organization: Organization,
    seen: Look,
    *,
    municipality: Municipality | None,
    delivery: str,
    account: str,
    customer: Customer | None,
    plan: str = "",
) -> Offer:
    """Ask what delivery costs and which payments are possible; the first that fits is proposed."""
    found, nowhere = _quotes(seen, municipality, delivery)
    quote = next((one for one in found if one.code == delivery), None)
    if quote is None and not delivery:
        # Nobody is sent to the shop's counter unless they say so.
        quote = next((one for one in found if not one.is_pickup), None)

    repeats = beginning.offered(organization, [item.variant_id for item in seen.inside.items])
    repeat = next((one for one in repeats if one.plan.pk.hex == plan), None)

    def price_with(way: PaymentAccount | None) -> pricing.Price:
        return pricing.price(
            seen.inside.items,
            currency=organization.currency,
            voucher=seen.voucher,
            quote=quote,
            cash_on_delivery=way is not None and way.provider == PaymentAccount.Provider.CASH,
        )

    def refusal(way: PaymentAccount) -> str:
        if repeat and not payments.get(way.provider).can_keep:
            return _("It cannot be renewed by itself this way.")
        if quote is None or municipality is None:
            return ""
        purchase = Purchase(
            total=price_with(way).total,
            currency=organization.currency,
            municipality_code=municipality.code,
            allows_cash_on_delivery=quote.allows_cash_on_delivery,
            customer=customer,
        )
        return payments.refusal(way, purchase)

    choices = [paying.Choice(way, refusal(way)) for way in paying.accounts(organization)]
    asked = next((one for one in choices if one.account.pk.hex == account), None)
    # One that is not possible here (any more) is not silently replaced, and costs no fee.
    wanted = [asked] if asked else choices
    chosen = next((one.account for one in wanted if not one.refusal), None)
    return Offer(
        organization=organization,
        seen=seen,
        municipality=municipality,
        quotes=found,
        nowhere=nowhere,
        quote=quote,
        choices=choices,
        account=chosen,
        price=price_with(chosen),
        repeats=repeats,
        repeat=repeat,
        # Only an account of one's own, or a subscription, has any use for a card that is kept.
        may_keep=bool(chosen and payments.get(chosen.provider).can_keep and (customer or repeat)),
    )


def _quotes(
    seen: Look, municipality: Municipality | None, chosen: str
) -> tuple[list[Quote], NotDelivered | None]:
    if municipality is None or not seen.inside:
        return [], None
    basket = seen.inside.basket(value=seen.goods)
    return quotes.choices(municipality, basket, chosen=chosen)


# --- The parts that change ------------------------------------------------------------------------


@dataclass(frozen=True)
class Typed:
    """What stands in the fields, and what is wrong with it."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    suggestions: Sequence[Municipality] = ()
    saved: Sequence[Address] = ()

    def value(self, name: str) -> str:
        return self.values.get(name) or ""


def parts(offered: Offer, typed: Typed) -> dict[str, SafeString]:
    """Write what a change of place, cart or choice draws anew, by name."""
    return {
        "places": _parts["places"].fill(
            {
                "code": offered.municipality.code if offered.municipality else "",
                "suggestions": _place.join(
                    {"code": one.code, "label": places.label(one)} for one in typed.suggestions
                ),
            }
        ),
        "delivery": _delivery(offered, typed),
        "payment": _payment(offered, typed),
        "summary": _summary(offered),
    }


def _delivery(offered: Offer, typed: Typed) -> SafeString:
    currency = offered.organization.currency
    is_free = bool(offered.seen.voucher) and offered.seen.voucher.kind == "delivery"
    return _parts["delivery"].fill(
        {
            "place": offered.municipality.name if offered.municipality else "",
            "error": typed.errors.get("delivery", ""),
            "nowhere": _nowhere(offered),
            "is_passing": isinstance(offered.nowhere, CarriersSilent),
            "choices": _choice.join(
                {
                    "id": f"delivery-{one.code}",
                    "name": "delivery",
                    "value": one.code,
                    "label": one.label,
                    "note": _delivery_note(one, offered.organization),
                    "refusal": "",
                    "aside": money.label(one.cost, currency)
                    if one.cost and not is_free
                    else _("Free"),
                    "before": money.label(one.full_cost, currency)
                    if one.full_cost > (0 if is_free else one.cost)
                    else "",
                    "is_chosen": one == offered.quote,
                    "is_pickup": one.is_pickup,
                }
                for one in offered.quotes
            ),
        }
    )


def _nowhere(offered: Offer) -> str:
    """Say why nothing can be chosen: nobody goes there, or nobody can tell right now."""
    if offered.nowhere is None:
        return ""
    if type(offered.nowhere) is NotDelivered:
        return _("We do not deliver this order there. Write to us and we look for a way.")
    return str(offered.nowhere)


def _delivery_note(quote: Quote, organization: Organization) -> str:
    """Say how long it takes; of what one fetches oneself also when the shop is open."""
    facts = [quote.days_label, quote.description]
    if quote.is_pickup:
        facts += [f"{days}: {times}" for days, times in opening_hours.lines(organization)]
    return " · ".join(filter(None, facts))


def _payment(offered: Offer, typed: Typed) -> SafeString:
    currency = offered.organization.currency
    fee = offered.quote.cash_on_delivery_fee if offered.quote else 0
    return _parts["payment"].fill(
        {
            **_repeats(offered, typed),
            "is_free": offered.is_free,
            "error": typed.errors.get("account", ""),
            "choices": _choice.join(
                {
                    "id": f"account-{one.account.pk.hex}",
                    "name": "account",
                    "value": one.account.pk.hex,
                    "label": one.account.name,
                    "note": one.account.description,
                    "refusal": one.refusal,
                    "aside": f"+ {money.label(fee, currency)}"
                    if fee and one.account.provider == PaymentAccount.Provider.CASH
                    else "",
                    "before": "",
                    "is_chosen": one.account == offered.account,
                    "is_pickup": False,
                }
                for one in offered.choices
            ),
        }
    )


def _repeats(offered: Offer, typed: Typed) -> dict:
    """Give how often it may come, and the question whether the card may be kept."""
    rows = [("", _("Only this time"), "", "")]
    items = offered.seen.inside.items
    for one in offered.repeats:
        names = [item.name for item in items if item.variant_id in one.covered]
        notes = []
        if len(names) < len(items):
            notes.append(_("Only of this: %(names)s.") % {"names": ", ".join(names)})
        if one.plan.percent:
            notes.append(
                _("%(percent)d %% less from the second delivery on.")
                % {"percent": one.plan.percent}
            )
        rows.append((one.plan.pk.hex, one.plan.words.capitalize(), " ".join(notes), one))
    chosen = offered.repeat.plan.pk.hex if offered.repeat else ""
    return {
        "repeats": _choice.join(
            {
                "id": f"plan-{value or 'once'}",
                "name": "plan",
                "value": value,
                "label": label,
                "note": note,
                "refusal": "",
                "aside": f"−{one.plan.percent} %" if one and one.plan.percent else "",
                "before": "",
                "is_chosen": value == chosen,
                "is_pickup": False,
            }
            for value, label, note, one in rows
        )
        if offered.repeats
        else "",
        "may_keep": offered.may_keep and not offered.is_free,
        "keep_for_renewals": offered.repeat is not None,
        "is_kept": typed.value("keep") == "on",
        "keep_error": typed.errors.get("keep", ""),
    }


def _summary(offered: Offer) -> SafeString:
    organization, seen, price = offered.organization, offered.seen, offered.price
    currency, count = organization.currency, seen.inside.count
    shipping = money.label(price.shipping, currency) if price.shipping else _("Free")
    is_known = offered.quote is not None
    return _parts["summary"].fill(
        {
            "lines": _line.join(
                cart_page.line_values(item, currency) for item in seen.inside.items
            ),
            "count_label": ngettext("%(n)d product", "%(n)d products", count) % {"n": count},
            "subtotal": money.label(price.subtotal, currency),
            "voucher_code": seen.voucher.code if seen.voucher else "",
            "voucher_gives": cart_page.voucher_gives(seen, currency),
            "typed_code": "" if seen.voucher else seen.voucher_code,
            "voucher_error": seen.voucher_refusal,
            "discount": money.label(-price.discount, currency) if price.discount else "",
            "delivery_label": offered.quote.label if is_known else "",
            "shipping": shipping if is_known else "",
            "cash_fee": money.label(price.cash_fee, currency) if price.cash_fee else "",
            "tax": money.label(price.tax, currency) if price.tax else "",
            "total": money.label(price.total, currency),
            "total_number": str(price.total) if is_known else "",
            "leaves": _leaves(offered),
            "can_be_ordered": seen.can_be_ordered,
        }
    )


def _leaves(offered: Offer) -> bool:
    """Say whether the button leads to a payment page, and so may say "pay"."""
    account = offered.account
    return bool(
        offered.quote
        and account
        and offered.price.total
        and payments.get(account.provider).has_page
    )


# --- The fields -----------------------------------------------------------------------------------

_KINDS = {
    "email": "email",
    "phone": "tel",
    "recipient_phone": "tel",
    "document_number": "text",
}
_GROUPS = {
    "contact_fields": ("name", "email", "phone"),
    "document_fields": ("document_type", "document_number"),
    "place_fields": ("place",),
    "address_fields": ("line", "complement", "neighbourhood", "address_notes"),
    "recipient_fields": ("recipient", "recipient_phone"),
    "billing_fields": (
        "billing_name",
        "billing_document_type",
        "billing_document_number",
        "billing_line",
        "billing_place",
    ),
    "notes_fields": ("notes",),
}
# What must be filled in where the form itself leaves it open.
_ASKED = {"place", "line", "recipient"} | set(_GROUPS["billing_fields"])


def fields(typed: Typed) -> dict[str, SafeString]:
    """Write every group of fields; most visitors see them empty, which is written once."""
    is_empty = not any(typed.values.values()) and not typed.errors
    return _empty_fields(get_language()) if is_empty else _written_fields(typed)


@cache
def _empty_fields(language: str) -> dict[str, SafeString]:
    return _written_fields(Typed())


def _written_fields(typed: Typed) -> dict[str, SafeString]:
    return {
        group: _field.join(_field_values(name, typed) for name in names)
        for group, names in _GROUPS.items()
    }


def _field_values(name: str, typed: Typed) -> dict[str, str | bool]:
    form_field = CheckoutForm.base_fields[name]
    attrs, value = form_field.widget.attrs, typed.value(name)
    is_choice = hasattr(form_field, "choices")
    return {
        "name": name,
        "label": str(form_field.label),
        "kind": _KINDS.get(name, "text"),
        "value": value,
        "help": str(form_field.help_text),
        "error": typed.errors.get(name, ""),
        "is_optional": not form_field.required and name not in _ASKED,
        "is_long": name == "notes",
        "autocomplete": attrs.get("autocomplete", "off"),
        "most": str(attrs.get("maxlength") or form_field.max_length or "") if not is_choice else "",
        "options": _options(value) if is_choice else "",
    }


def _options(chosen: str) -> SafeString:
    chosen = chosen or DocumentType.CC
    return _option.join(
        {"value": code, "label": str(label), "is_chosen": code == chosen}
        for code, label in DocumentType.choices
    )


def _written_departments(chosen: str) -> SafeString:
    return _option.join(
        {"value": one.code, "label": one.name, "is_chosen": one.code == chosen}
        for one in places.departments()
    )


def saved_choices(typed: Typed) -> SafeString:
    """Write the addresses of the account, and the way to a new one."""
    if not typed.saved:
        return mark_safe("")
    chosen = typed.value("address")
    rows = [
        (
            one.pk.hex,
            f"{one.recipient} · {one.line}",
            ", ".join(filter(None, (one.complement, places.label(one.municipality)))),
        )
        for one in typed.saved
    ]
    rows.append((NEW_ADDRESS, _("Another address"), ""))
    return _choice.join(
        {
            "id": f"address-{value}",
            "name": "address",
            "value": value,
            "label": label,
            "note": note,
            "refusal": "",
            "aside": "",
            "before": "",
            "is_chosen": value == chosen,
            "is_pickup": False,
        }
        for value, label, note in rows
    )


def page_values(offered: Offer, typed: Typed, *, token: str, wants_news: bool) -> dict:
    """Give everything on the page (templates/orders/checkout.html) as ready text and HTML."""
    billing = any(typed.value(name) for name in _GROUPS["billing_fields"] if "type" not in name)
    faults = {name: words for name, words in typed.errors.items() if words}
    return {
        **fields(typed),
        **parts(offered, typed),
        "token": token,
        "saved": saved_choices(typed),
        "departments": _departments.get(typed.value("department")[:2], _written_departments),
        "is_department_open": bool(typed.value("department")),
        "is_recipient_open": bool(typed.value("recipient") or "recipient" in faults),
        "is_billing_open": billing,
        "terms_url": addresses.page(pages.TERMS),
        "privacy_url": addresses.page(pages.PRIVACY),
        "terms_version": pages.VERSIONS[pages.TERMS],
        "terms_error": faults.get("terms", ""),
        "wants_news": wants_news,
        "faults": _problem.join(
            {"text": _fault(name, words), "target": _target(name)} for name, words in faults.items()
        ),
    }


_TARGETS = {
    "delivery": "delivery",
    "account": "payment",
    "terms": "field-terms",
    "keep": "field-keep",
    "plan": "payment",
}


def _target(name: str) -> str:
    """Give the place on the page where something is to be put right."""
    known = f"field-{name}" if name in CheckoutForm.base_fields else "summary"
    return _TARGETS.get(name, known)


def _fault(name: str, words: str) -> str:
    """Say what is wrong, with the field's name before it where there is one."""
    form_field = CheckoutForm.base_fields.get(name)
    return f"{form_field.label}: {words}" if form_field and form_field.label else words
