"""Speaking with Envia.com: its hosts, its key, its errors inside good answers, its files."""

import time
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from config.lib import http
from config.lib.errors import ProviderRefused, ProviderUnavailable
from config.lib.text import words

from ..models import CarrierAccount

_LARGEST_FILE = 8 * 1024 * 1024
_BAD_KEYS = (401, 403)
_NO_MONEY = 402
_LONGEST_MESSAGE = 200
_COVERAGE = {"cobertura", "coverage", "cubierto", "covered"}


class EnviaSays(Exception):
    """Envia said no in words: also inside an answer that looks good."""

    def __init__(self, message: str, code: str):
        super().__init__(message)
        self.code = code

    @property
    def is_about_coverage(self) -> bool:
        """Whether a carrier only says that it does not go there: by its words (inferred)."""
        said = set(words(str(self)))
        return bool(said & _COVERAGE) or {"no", "services"} <= said or {"no", "rates"} <= said


class Deadline:
    """How many seconds are left of those that were given."""

    def __init__(self, seconds: float):
        self._ends = time.monotonic() + seconds

    @property
    def left(self) -> float:
        return max(0.05, self._ends - time.monotonic())


def ship(account: CarrierAccount, step: str, body: dict, *, seconds: float | None = None) -> list:
    """Call a step of shipping and give its rows; what Envia says no to raises EnviaSays."""
    told = _call(account, "POST", _host(account), f"/ship/{step}/", json=body, seconds=seconds)
    rows = told.get("data")
    if isinstance(rows, dict):
        return [rows]
    if not isinstance(rows, list):
        raise ProviderUnavailable("Envia answered without data")
    return rows


def query(account: CarrierAccount, path: str, *, seconds: float | None = None) -> list[dict]:
    """Ask for a list of what Envia knows."""
    try:
        host = _host(account, "_queries")
        told = _call(account, "GET", host, path, parameters={"country_code": "CO"}, seconds=seconds)
    except EnviaSays as error:
        raise ProviderRefused(str(error), code=error.code) from None
    rows = told.get("data")
    if not isinstance(rows, list):
        raise ProviderUnavailable("Envia answered without data")
    return [row for row in rows if isinstance(row, dict)]


def file(address: str) -> bytes:
    """Download a label; the key stays here, and the address may not lead into our network."""
    try:
        parts = urlsplit(address)
        is_plain = parts.scheme == "http" and parts.hostname not in settings.HTTP_PRIVATE_HOSTS
    except ValueError:
        is_plain = True
    if is_plain:
        raise ProviderRefused(_("The address of the label cannot be called."), code="bad_address")
    answer = http.exchange("GET", address, largest=_LARGEST_FILE, redirects=2)
    http.require_good(answer)
    if not answer.body.startswith(b"%PDF") or b"%%EOF" not in answer.body[-1024:]:
        raise ProviderUnavailable("The label is no whole PDF")
    return answer.body


def _call(account, method: str, host: str, path: str, **options) -> dict:
    key = account.secrets.get("api_key")
    if not key:
        raise ProviderRefused(_("The key of this Envia account is missing."), code="keys")
    answer = http.exchange(
        method,
        f"{host}{path}",
        headers={"Authorization": f"Bearer {key}", "Accept": "application/json"},
        **options,
    )
    if answer.status in _BAD_KEYS:
        raise ProviderRefused(
            _("Envia does not accept the key in this mode."), status=answer.status, code="keys"
        )
    if answer.status == _NO_MONEY:
        raise EnviaSays(_("The Envia wallet does not hold enough money."), "no_money")
    told = _told(answer)
    if told is None:
        http.require_good(answer)
        raise ProviderUnavailable("Envia answered something that cannot be read")
    is_error = told.get("meta") == "error" or told.get("error")
    try:
        http.require_good(answer)
    except ProviderRefused:
        # Its words say more than a status.
        if not is_error:
            raise
    if is_error:
        raise _refusal(told)
    return told


def _told(answer: http.Answer) -> dict | None:
    try:
        told = answer.data()
    except ProviderUnavailable:
        return None
    return told if isinstance(told, dict) else None


def _refusal(told: dict) -> EnviaSays:
    error = told.get("error")
    error = error if isinstance(error, dict) else {"message": error or told.get("message")}
    code = str(error.get("code") or "")[:40]
    said = " ".join(str(error.get("message") or error.get("description") or code).split())
    return EnviaSays(_("Envia says: %(words)s") % {"words": said[:_LONGEST_MESSAGE]}, code)


def _host(account: CarrierAccount, kind: str = "") -> str:
    return settings.CARRIER_ADDRESSES["envia"][f"{'live' if account.is_live else 'test'}{kind}"]
