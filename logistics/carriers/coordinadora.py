"""Coordinadora by its own web services: quotes, guides, labels and tracking over SOAP.

From one library and client code (carriers.md §5): a commercial contract comes with the keys. What
no source says is marked as inferred where it stands.
"""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib.accounts import Setting
from config.lib.errors import ProviderRefused, ProviderUnavailable
from config.lib.memory import Memory
from config.lib.text import words

from ..models import CarrierAccount, Shipment
from . import coordinadora_wire as wire
from . import soap
from .amounts import centavos, days
from .base import Carrier, Created, LabelReport, NotSearchable, Option, Place, Tracked, Wish
from .soap import SoapFault

_NAME = "Coordinadora"
_LARGEST_LIST = 12 * 1024 * 1024
_LARGEST_LABEL = 12 * 1024 * 1024
_LONGEST_MESSAGE = 200
# What a refusal is about, by its words (inferred).
_ALREADY_CANCELLED = {"anulada", "anulado"}
_UNKNOWN = {"existe", "encontro", "encontrada", "encontrado", "encontraron"}
_ALWAYS_COVERED = Place("11001", "Bogotá, D.C.", "11", "Bogotá, D.C.")
# The towns change with a contract, not with a day.
_towns = Memory(seconds=12 * 3600)


class Coordinadora(Carrier):
    """Quotes and news ask with one pair of keys, guides with another; amounts there are pesos."""

    code = "coordinadora"
    takes_cash = True
    prices_lines = False
    settings = (
        Setting("nit", gettext_lazy("NIT of the contract"), is_required=True),
        Setting("div", gettext_lazy("Division of the contract"), help="01"),
        Setting(
            "account",
            gettext_lazy("Account"),
            help=gettext_lazy("As the contract says: 1 current account, 2 weekly agreement."),
            kind="number",
            default=2,
        ),
        Setting("level", gettext_lazy("Level of service"), kind="number", default=1),
        Setting(
            "api_key",
            gettext_lazy("API key of quotes and tracking"),
            is_secret=True,
            is_required=True,
        ),
        Setting(
            "api_password",
            gettext_lazy("Password of quotes and tracking"),
            is_secret=True,
            is_required=True,
        ),
        Setting("client_id", gettext_lazy("Client number of guides"), is_required=True),
        Setting("user", gettext_lazy("User of guides"), is_required=True),
        Setting(
            "password",
            gettext_lazy("Password of guides"),
            help=gettext_lazy(
                "Coordinadora writes of this service as an unencrypted one. Kaiu sends keys only "
                "encrypted, or through a tunnel that the operator of this installation sets up."
            ),
            is_secret=True,
            is_required=True,
        ),
        Setting(
            "label_format",
            gettext_lazy("Format of labels"),
            help=gettext_lazy("Its number at Coordinadora."),
            kind="number",
            default=55,
        ),
        Setting(
            "offers_cash", gettext_lazy("Offer cash on delivery"), kind="yes_no", default=False
        ),
        Setting("cash_percent", gettext_lazy("Cash on delivery costs (%)"), kind="percent"),
        Setting("cash_least", gettext_lazy("Cash on delivery costs at least"), kind="money"),
    )

    # --- The account ----------------------------------------------------------------------------

    def problems(self, account: CarrierAccount) -> list[str]:
        found = self.missing(account)
        if any(not _is_safe(wire.address_of(account, kind)) for kind in wire.KINDS):
            found.append(
                _(
                    "A service of Coordinadora would be called without encryption: the operator "
                    "of this installation has to lead it through a tunnel first."
                )
            )
        return found

    def check(self, account: CarrierAccount) -> None:
        """Ask for a price, which proves the first pair of keys; guides cannot be asked so."""
        values = wire.quote(self, account, _ALWAYS_COVERED, _ALWAYS_COVERED, boxes=None, value=0)
        self._call(account, "Cotizador_cotizar", values)

    # --- Prices ---------------------------------------------------------------------------------

    def quote(self, account: CarrierAccount, wish: Wish, *, seconds: float) -> list[Option]:
        values = wire.quote(
            self, account, wish.origin, wish.destination, boxes=wish.boxes, value=wish.value
        )
        try:
            told = self._asked(account, "Cotizador_cotizar", values, seconds=seconds)
        except SoapFault as error:
            if not self._goes_to(account, wish.destination, seconds=seconds):
                return []
            raise _refusal(error) from None
        cost = centavos(soap.text(told, "flete_total"), carrier=_NAME)
        least, most = days(soap.text(told, "dias_entrega"))
        allows_cash = bool(self.value(account, "offers_cash"))
        return [
            Option(
                service=str(self.value(account, "level")),
                label=_("%(carrier)s to your door") % {"carrier": _NAME},
                carrier=_NAME,
                cost=cost,
                days_min=least,
                days_max=most,
                allows_cash=allows_cash,
                cash_fee=self._cash_fee(account, wish.value) if allows_cash else 0,
            )
        ]

    def _cash_fee(self, account: CarrierAccount, value: int) -> int:
        percent = int(self.value(account, "cash_percent") or 0)
        return max(value * percent // 100, int(self.value(account, "cash_least") or 0))

    def _goes_to(self, account: CarrierAccount, place: Place, *, seconds: float) -> bool:
        """Say whether a town is in Coordinadora's list; one that cannot be read says yes."""

        def read(_key):
            told = self._asked(
                account, "Cotizador_ciudades", {}, seconds=seconds, largest=_LARGEST_LIST
            )
            return {(one.text or "").strip() for one in soap.children(told, "codigo")}

        try:
            known = _towns.get(("towns", account.is_live), read)
        except (ProviderUnavailable, ProviderRefused, SoapFault):
            return True
        return not known or place.carrier_code in known

    # --- Creating -------------------------------------------------------------------------------

    def find(self, shipment: Shipment) -> Created | None:
        """Look for our reference among what is tracked.

        What is not there may only not be tracked yet: never a reason to create it again.
        """
        values = wire.news(self, shipment.account, number="", reference=shipment.code)
        try:
            told = self._asked(shipment.account, "Seguimiento_detallado", values)
        except SoapFault:
            told = None
        # That it can be asked by reference is documented, that it answers with both is inferred.
        number = soap.text(told, "codigo_remision") if told is not None else ""
        if not number or soap.text(told, "referencia") != shipment.code:
            raise NotSearchable(_("Look for the guide in Coordinadora's panel."))
        return _created(number)

    def create(self, shipment: Shipment) -> Created:
        told = self._call(shipment.account, "Guias_generarGuia", wire.guide(self, shipment))
        number = wire.line(soap.text(told, "codigo_remision"), 60)
        if not re.fullmatch(r"\w{4,40}", number):
            raise ProviderUnavailable("Coordinadora answered a guide without a number")
        return _created(number)

    def label(self, shipment: Shipment) -> LabelReport:
        values = wire.labels(self, shipment.account, [shipment.tracking_number])
        told = self._call(shipment.account, "Guias_imprimirRotulos", values, largest=_LARGEST_LABEL)
        try:
            pdf = b64decode("".join(soap.text(told, "rotulos").split()), validate=True)
        except (NotBase64, ValueError):
            pdf = b""
        if not pdf.startswith(b"%PDF"):
            raise ProviderUnavailable("Coordinadora answered a label that is no PDF")
        return LabelReport(pdf=pdf)

    def cancel(self, shipment: Shipment) -> None:
        values = wire.cancellation(self, shipment.account, shipment.tracking_number)
        try:
            self._asked(shipment.account, "Guias_anularGuia", values)
        except SoapFault as error:
            if not _ALREADY_CANCELLED & set(words(str(error))):
                raise _refusal(error) from None

    # --- Following ------------------------------------------------------------------------------

    def track(
        self, account: CarrierAccount, shipments: Sequence[Shipment]
    ) -> dict[object, Tracked]:
        found = {}
        for shipment in shipments:
            values = wire.news(self, account, number=shipment.tracking_number, reference="")
            try:
                told = self._asked(account, "Seguimiento_detallado", values)
            except SoapFault as error:
                if _UNKNOWN & set(words(str(error))):
                    continue
                raise _refusal(error) from None
            found[shipment.pk] = wire.tracked(told)
        return found

    # --- Calling --------------------------------------------------------------------------------

    def _call(self, account: CarrierAccount, operation: str, values: dict, **options):
        """Call, and give a refusal in words for staff.

        A fault says that the operation was not carried out (inferred): nothing was created.
        """
        try:
            return self._asked(account, operation, values, **options)
        except SoapFault as error:
            raise _refusal(error) from None

    def _asked(self, account: CarrierAccount, operation: str, values: dict, **options):
        service = wire.service_of(account, operation)
        # Before anything leaves this machine.
        if not _is_safe(service.address):
            raise ProviderRefused(
                _("Coordinadora is not called without encryption."), code="not_https"
            )
        return soap.call(service, operation, values, **options)


def _created(number: str) -> Created:
    return Created(carrier_id=number, tracking_number=number, carrier=_NAME)


def _refusal(error: SoapFault) -> ProviderRefused:
    said = wire.line(str(error), _LONGEST_MESSAGE)
    return ProviderRefused(_("Coordinadora says: %(words)s") % {"words": said}, code="fault")


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or parts.hostname in settings.HTTP_PRIVATE_HOSTS
