"""What Wompi's page is told of a payment and its buyer, and how that is signed."""

from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote, urlencode

from ..models import Order, PaymentAttempt

_DOCUMENTS = {"CC", "CE", "NIT", "PP", "TI"}


def integrity(reference: str, amount: int, currency: str, until: str, *, secret: str) -> str:
    """Sign a payment page's address: a plain digest of everything in a row, the secret last."""
    return sha256(f"{reference}{amount}{currency}{until}{secret}".encode()).hexdigest()


def expiration(moment: datetime) -> str:
    """Write a moment as Wompi wants it, in UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def query(values: dict) -> str:
    """Write what is known as the query of an address."""
    kept = {name: value for name, value in values.items() if value not in ("", None)}
    return urlencode(kept, quote_via=quote)


def optional(attempt: PaymentAttempt) -> dict:
    """Give what spares the buyer some typing, and is left out of an address that grows too long."""
    return _buyer(attempt) | _shipping(attempt.order)


def _buyer(attempt: PaymentAttempt) -> dict:
    order = attempt.order
    document = order.document_type
    phone = order.phone
    has_phone = bool(getattr(phone, "national_number", None))
    return {
        # Of a deposit nobody can say which part is tax.
        "tax-in-cents:vat": order.tax if order.tax and attempt.amount == order.total else "",
        "customer-data:email": order.email,
        "customer-data:full-name": order.name,
        "customer-data:phone-number": phone.national_number if has_phone else "",
        "customer-data:phone-number-prefix": f"+{phone.country_code}" if has_phone else "",
        "customer-data:legal-id": order.document_number if document else "",
        "customer-data:legal-id-type": (
            (document if document in _DOCUMENTS else "OTHER") if order.document_number else ""
        ),
    }


def _shipping(order: Order) -> dict:
    place = order.delivery
    if order.is_pickup or not place.get("line"):
        return {}
    return {
        "shipping-address:address-line-1": place["line"],
        "shipping-address:address-line-2": place.get("complement", ""),
        "shipping-address:country": "CO",
        "shipping-address:region": place.get("department", ""),
        "shipping-address:city": place.get("municipality", ""),
        "shipping-address:name": place.get("recipient", ""),
        "shipping-address:phone-number": place.get("phone", "").removeprefix("+"),
        "shipping-address:postal-code": place.get("postal_code", ""),
    }
