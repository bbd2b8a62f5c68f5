"""Speaking with Venndelo: its key, its errors in words, its pages, its pesos and its dates."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from config.lib import http
from config.lib.errors import ProviderRefused, ProviderUnavailable
from config.lib.text import words

from ..models import CarrierAccount

PAGE_SIZE = 250
# A page of orders with many lines each.
_LARGEST_PAGE = 8 * 1024 * 1024
_BAD_KEYS = (401, 403)
_UNKNOWN = 404
# More than any parcel costs or is worth, in pesos.
_MOST_PESOS = 10**10
_LONGEST_MESSAGE = 160
# What a refusal is about, by the words in it: Venndelo's codes are in no source we have, so that
# only what they probably say is told, with its own words behind (inferred).
_HINTS = (
    (
        {"wallet", "balance", "saldo", "fondos", "billetera", "insufficient"},
        gettext_noop("The Venndelo wallet does not hold enough money: top it up and try again."),
    ),
    (
        {"city", "ciudad", "coverage", "cobertura", "subdivision"},
        gettext_noop("Venndelo does not know this town, or does not go there."),
    ),
    (
        {"phone", "telefono", "celular"},
        gettext_noop("Venndelo does not take this phone number: correct it and try again."),
    ),
    (
        {"identification", "identificacion", "documento"},
        gettext_noop("Venndelo does not take the buyer's document: correct it and try again."),
    ),
    (
        {"address", "direccion"},
        gettext_noop("Venndelo does not take this address: correct it and try again."),
    ),
)
_TOWN = _HINTS[1][1]


class NotCovered(ProviderRefused):
    """Venndelo does not go there."""


class NotKnown(ProviderRefused):
    """Venndelo has nothing under this id."""


def ask(account: CarrierAccount, method: str, path: str, **options) -> dict:
    """Call and give what a good answer holds; everything else raises."""
    answer = http.exchange(
        method,
        f"{_address(account)}/v1/admin/{path}",
        headers={"X-Venndelo-Api-Key": account.secrets["api_key"], "Accept": "application/json"},
        **options,
    )
    told = _told(answer)
    errors = _errors(told)
    if 200 <= answer.status < 300:
        if not isinstance(told, dict):
            raise unreadable()
        # An error may hide in an answer that looks good.
        if errors and not told.get("items"):
            raise _refusal(answer, errors)
        return told
    raise _refusal(answer, errors)


def pages(
    account: CarrierAccount, path: str, *, most: int, **parameters
) -> Iterator[tuple[list[dict], bool]]:
    """Give page after page, at most so many: what is on it, and whether more would follow."""
    token = ""
    for _number in range(most):
        asked = {"page_token": token, "page_size": PAGE_SIZE, **parameters}
        told = ask(account, "GET", path, parameters=asked, largest=_LARGEST_PAGE)
        items, following = told.get("items"), str(told.get("next_page_token") or "")
        if not isinstance(items, list) or (following and following == token):
            raise unreadable()
        token = following
        yield [item for item in items if isinstance(item, dict)], bool(token)
        if not token:
            return


def unreadable() -> ProviderUnavailable:
    """Give the error for an answer that makes no sense."""
    return ProviderUnavailable("Venndelo answered something that cannot be read")


# --- Amounts and moments ----------------------------------------------------------------------


def centavos(pesos: object, *, may_be_owed: bool = False) -> int:
    """Read pesos exactly, to the centavo; what is no amount raises ProviderUnavailable."""
    if isinstance(pesos, bool) or not isinstance(pesos, int | float):
        raise ProviderUnavailable("Venndelo answered an amount that is no number")
    least = -_MOST_PESOS if may_be_owed else 0
    if not least <= pesos <= _MOST_PESOS:
        raise ProviderUnavailable("Venndelo answered an amount that cannot be")
    # By its digits: 11147.9 is no binary fraction.
    return int((Decimal(str(pesos)) * 100).quantize(Decimal(1), ROUND_HALF_UP))


def pesos(centavos: int) -> int | float:
    """Write centavos as pesos, with decimals only where there are any."""
    whole, rest = divmod(centavos, 100)
    return centavos / 100 if rest else whole


def moment(text: object) -> datetime | None:
    """Read a moment, or None; the form is fixed nowhere, without a zone it is UTC (inferred)."""
    try:
        read = datetime.fromisoformat(str(text or "").strip())
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def written(at: datetime) -> str:
    """Write a moment as Venndelo reads it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- Errors -----------------------------------------------------------------------------------


def _told(answer: http.Answer):
    try:
        return answer.data()
    except ProviderUnavailable:
        if 200 <= answer.status < 300:
            raise
        return None


def _errors(told: object) -> list[dict]:
    errors = told.get("errors") if isinstance(told, dict) else None
    return [error for error in errors if isinstance(error, dict)] if type(errors) is list else []


def _refusal(answer: http.Answer, errors: list[dict]):
    """Give the error that a bad answer means, in words for staff."""
    code = str(errors[0].get("code") or "")[:60] if errors else ""
    said = "; ".join(filter(None, (_text(error) for error in errors)))[:_LONGEST_MESSAGE]
    status = answer.status
    try:
        http.require_good(answer)
        kind = ProviderRefused
    except (ProviderUnavailable, ProviderRefused) as error:
        kind = type(error)
    if status in _BAD_KEYS:
        return ProviderRefused(_("Venndelo does not accept the key."), status=status, code="keys")
    if status == _UNKNOWN:
        return NotKnown(_("Venndelo does not know this shipment."), status=status, code=code)
    hint = _hint(f"{code} {said}")
    if kind is ProviderRefused and hint == _TOWN:
        kind = NotCovered
    if not said:
        return kind(_("Venndelo answered with an error (%(status)d).") % {"status": status})
    told = _(hint) if hint else _("Venndelo refused.")
    return kind(f"{told} ({said})", status=status, code=code)


def _text(error: dict) -> str:
    return " ".join(str(error.get("message") or error.get("code") or "").split())


def _hint(said: str) -> str:
    found = set(words(said))
    return next((hint for about, hint in _HINTS if found & about), "")


def _address(account: CarrierAccount) -> str:
    # It has no test environment: what a shop in test mode asked for would be real.
    if not account.is_live:
        raise ProviderRefused(_("Venndelo works in live mode only."), code="keys")
    if not account.secrets.get("api_key"):
        raise ProviderRefused(_("The key of this Venndelo account is missing."), code="keys")
    return settings.CARRIER_ADDRESSES["venndelo"]["live"]
