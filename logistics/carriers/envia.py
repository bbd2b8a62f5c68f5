"""Envia.com: several carriers of Colombia under one key; quotes, labels and tracking at once.

From documentation, client code and one report from the field (carriers.md §4); what none of them
says is marked as inferred where it stands.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib.accounts import Setting
from config.lib.errors import ProviderRefused, ProviderUnavailable

from ..models import CarrierAccount, Pickup, Shipment
from . import envia_calls as calls
from . import envia_catalogue as catalogue
from . import envia_news as news
from . import envia_wire as wire
from .amounts import centavos
from .base import (
    Carrier,
    Created,
    LabelReport,
    Notice,
    NotSearchable,
    Option,
    PickupReport,
    Tracked,
    Wish,
)

_ALREADY_CANCELLED = "1115"
_NOTHING_TRACKED = "1125"
# Once labelled, these parcels cannot be taken back.
_NEVER_CANCELLED = ("interrapidisimo",)
# One carrier behind Envia answers in one second or in ten: a second try is often faster.
_SECONDS_A_TRY = 3.5
_LEAST_SECONDS = 0.1


class Envia(Carrier):
    """Nothing is safe to repeat but questions; amounts there are pesos."""

    code = "envia"
    takes_cash = True
    has_pickups = True
    has_notices = True
    prices_lines = False
    tracked_at_once = 40
    settings = (
        Setting(
            "api_key",
            gettext_lazy("API key"),
            help=gettext_lazy("A key of the test environment does not work live, nor the reverse."),
            is_secret=True,
            is_required=True,
        ),
        Setting(
            "carriers",
            gettext_lazy("Carriers to ask"),
            help=gettext_lazy("Their codes at Envia, separated by commas."),
            # As client code writes them; `check` asks Envia whether it knows them.
            default="coordinadora, interRapidisimo, servientrega, tcc",
            is_required=True,
        ),
        Setting(
            "cash_percent",
            gettext_lazy("Cash on delivery costs (%)"),
            kind="percent",
            # Seen by one shop: 5 %, at least 4.760 pesos.
            default=5,
        ),
        Setting(
            "cash_least",
            gettext_lazy("Cash on delivery costs at least"),
            kind="money",
            default=476_000,
        ),
        Setting(
            "webhook_secret",
            gettext_lazy("Secret of the webhook"),
            help=gettext_lazy("As Envia shows it; a notice is confirmed by asking either way."),
            is_secret=True,
        ),
    )

    # --- The account ----------------------------------------------------------------------------

    def problems(self, account: CarrierAccount) -> list[str]:
        found = self.missing(account)
        if not found and not catalogue.codes(str(self.value(account, "carriers"))):
            found.append(_("Write at least one carrier to ask."))
        return found

    def check(self, account: CarrierAccount) -> None:
        wanted = self._carriers(account)
        known = catalogue.carriers(account)
        strange = [code for code in wanted if code.lower() not in known]
        if known and strange:
            raise ProviderRefused(
                _("Envia does not know these carriers: %(codes)s") % {"codes": ", ".join(strange)},
                code="carriers",
            )

    # --- Prices ---------------------------------------------------------------------------------

    def quote(self, account: CarrierAccount, wish: Wish, *, seconds: float) -> list[Option]:
        """Ask every carrier at once; those that fail are left out as long as another answers."""
        wanted = self._carriers(account)
        deadline = calls.Deadline(seconds)
        body = wire.quote(account, wish, seconds=deadline.left)
        with ThreadPoolExecutor(max_workers=len(wanted)) as beside:
            asked = [
                beside.submit(self._rates, account, {**body, **wire.service(code)}, deadline)
                for code in wanted
            ]
            with_cash = catalogue.services_with_cash(account, seconds=deadline.left)
        options, failures = [], []
        for answer in asked:
            try:
                options += self._options(account, answer.result(), wish, with_cash)
            except ProviderUnavailable as error:
                failures.append(error)
            except calls.EnviaSays as error:
                if not error.is_about_coverage:
                    failures.append(ProviderRefused(str(error), code=error.code))
        if failures and not options:
            raise failures[0]
        return options

    def _rates(self, account, body: dict, deadline: calls.Deadline) -> list:
        seconds = min(_SECONDS_A_TRY, deadline.left)
        try:
            return calls.ship(account, "rate", body, seconds=seconds)
        except ProviderUnavailable:
            # Only questions are repeated.
            if deadline.left < _LEAST_SECONDS:
                raise
        return calls.ship(account, "rate", body, seconds=min(_SECONDS_A_TRY, deadline.left))

    def _options(self, account, rates: list, wish: Wish, with_cash: set) -> list[Option]:
        percent = int(self.value(account, "cash_percent"))
        fee = max(wish.value * percent // 100, int(self.value(account, "cash_least")))
        return [
            option
            for rate in rates
            if (option := wire.option(rate, with_cash=with_cash, cash_fee=fee)) is not None
        ]

    # --- Creating -------------------------------------------------------------------------------

    def find(self, shipment: Shipment) -> Created | None:
        raise NotSearchable(_("Envia cannot be asked: look for the shipment in its panel."))

    def create(self, shipment: Shipment) -> Created:
        account = shipment.account
        # All questions come first: after the one call that costs money nothing may fail.
        body = wire.creation(shipment)
        try:
            told = calls.ship(account, "generate", body)
        except calls.EnviaSays as error:
            raise ProviderRefused(str(error), code=error.code) from None
        made = told[0] if told and isinstance(told[0], dict) else {}
        number = wire.line(made.get("trackingNumber"), 60)
        if not number:
            raise ProviderUnavailable("Envia answered a label without a number")
        carrier = wire.line(made.get("carrier"), 60) or wire.carrier_of(shipment)
        return Created(
            carrier_id=number,
            tracking_number=number,
            tracking_url=wire.address(made.get("trackUrl")),
            carrier=catalogue.name(carrier),
            cost=_cost(made),
            progress={"carrier": carrier, "label": wire.address(made.get("label"))},
        )

    def label(self, shipment: Shipment) -> LabelReport:
        address = (shipment.progress or {}).get("label")
        if not address:
            return LabelReport(has_none=True)
        return LabelReport(pdf=calls.file(address))

    def cancel(self, shipment: Shipment) -> None:
        carrier = wire.carrier_of(shipment)
        if carrier.lower() in _NEVER_CANCELLED:
            name = {"carrier": catalogue.name(carrier)}
            raise ProviderRefused(_("%(carrier)s takes no label back.") % name, code="too_late")
        body = {"carrier": carrier, "trackingNumber": shipment.tracking_number}
        try:
            calls.ship(shipment.account, "cancel", body)
        except calls.EnviaSays as error:
            if error.code != _ALREADY_CANCELLED:
                raise ProviderRefused(str(error), code=error.code) from None

    # --- Following ------------------------------------------------------------------------------

    def track(
        self, account: CarrierAccount, shipments: Sequence[Shipment]
    ) -> dict[object, Tracked]:
        by_number = {one.tracking_number: one for one in shipments if one.tracking_number}
        if not by_number:
            return {}
        try:
            told = calls.ship(account, "generaltrack", {"trackingNumbers": list(by_number)})
        except calls.EnviaSays as error:
            if error.code == _NOTHING_TRACKED:
                return {}
            raise ProviderRefused(str(error), code=error.code) from None
        found = {}
        for entry in told:
            number = str(entry.get("trackingNumber") or "") if isinstance(entry, dict) else ""
            if number in by_number:
                found[by_number[number].pk] = news.tracked(entry, by_number[number])
        return found

    def pick_up(self, pickup: Pickup, shipments: Sequence[Shipment]) -> PickupReport:
        """Ask each carrier that drives for one visit; every visit costs money."""
        groups: dict[str, list[Shipment]] = {}
        for shipment in shipments:
            groups.setdefault(wire.carrier_of(shipment), []).append(shipment)
        references, cost = [], 0
        for number, (carrier, group) in enumerate(groups.items()):
            body = wire.visit(pickup, carrier, group)
            try:
                told = calls.ship(pickup.account, "pickup", body)
            except calls.EnviaSays as error:
                if number:
                    # Another carrier was asked already: a person looks before anything repeats.
                    raise ProviderUnavailable("Only some of the carriers were asked") from None
                raise ProviderRefused(str(error), code=error.code) from None
            made = told[0] if told and isinstance(told[0], dict) else {}
            # How the answer names the visit is in no source (inferred).
            reference = wire.line(made.get("confirmation") or made.get("folio"), 40)
            references.append(f"{catalogue.name(carrier)} {reference}".strip())
            cost += _cost(made) or 0
        return PickupReport(carrier_reference=", ".join(references)[:120], cost=cost or None)

    def read_notice(
        self, account: CarrierAccount, headers: Mapping[str, str], body: bytes
    ) -> Notice:
        return news.notice(headers, body, secret=str(self.value(account, "webhook_secret") or ""))

    def _carriers(self, account: CarrierAccount) -> list[str]:
        wanted = catalogue.codes(str(self.value(account, "carriers")))
        if not wanted:
            raise ProviderRefused("This Envia account asks no carrier", code="settings")
        return wanted


def _cost(made: dict) -> int | None:
    """Give what was charged, as far as it is told in pesos: wallets may be in dollars."""
    if str(made.get("currency") or "COP").upper() != "COP" or made.get("totalPrice") is None:
        return None
    try:
        return centavos(made["totalPrice"], carrier="Envia")
    except ProviderUnavailable:
        # The label is there: what it cost is asked of the invoice.
        return None
