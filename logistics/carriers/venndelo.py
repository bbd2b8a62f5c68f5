"""Venndelo (Colombia): parcels as orders of an aggregator that drives with Coordinadora.

There is no test environment, nothing is safe to repeat, and nothing is told: all is asked.
"""

import logging
import random
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from urllib.parse import quote as quoted
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib import http
from config.lib.accounts import Setting
from config.lib.errors import ProviderRefused, ProviderUnavailable

from ..models import CarrierAccount, Incident, Pickup, Shipment
from . import venndelo_incidents as novedades
from . import venndelo_orders as orders
from .base import (
    Carrier,
    CollectionPoint,
    Created,
    IncidentReport,
    LabelReport,
    NotSearchable,
    Option,
    PickupReport,
    Reply,
    Tracked,
    Wish,
)
from .venndelo_calls import NotCovered, NotKnown, ask, centavos, pages, unreadable, written

logger = logging.getLogger(__name__)

SERVICE = "standard"
# Nobody else is behind it, in schema and answers.
_DRIVES = "Coordinadora"
# Clocks may differ, and an order is written down a little after it was asked for.
_BEFORE, _AFTER = timedelta(hours=1), timedelta(hours=24)
_MOST_PAGES_TO_FIND = 40
# Guides are made in the background; asked for once, and again only when none came for so long.
_PATIENCE = timedelta(minutes=15)
# What one round of tracking costs at most: pages of orders, and orders asked by themselves.
_PAGES_A_ROUND, _ORDERS_A_ROUND = 12, 8
# Orders of days so far apart are not asked for in one list.
_GAP = timedelta(days=1)
_LARGEST_LABEL = 20 * 1024 * 1024


class Venndelo(Carrier):
    """Orders, guides and labels in steps; amounts there are pesos."""

    code = orders.CARRIER
    takes_cash = True
    has_pickups = True
    has_incidents = True
    has_wallet = True
    tracked_at_once = 250
    # Rounds, each of up to twenty calls: its limit is not published.
    calls_a_minute = 4
    settings = (
        Setting(
            "api_key",
            gettext_lazy("API key"),
            help=gettext_lazy("Venndelo's support gives it: 36 letters and digits with hyphens."),
            is_secret=True,
            is_required=True,
        ),
        Setting(
            "offers_cash",
            gettext_lazy("Offer cash on delivery"),
            kind="yes_no",
            default=True,
        ),
        Setting(
            "warn_under",
            gettext_lazy("Warn when the wallet holds less than"),
            help=gettext_lazy("Without money in the wallet Venndelo makes no labels."),
            kind="money",
            default=10_000_000,
        ),
    )

    # --- The account ----------------------------------------------------------------------------

    def problems(self, account: CarrierAccount) -> list[str]:
        found = []
        key = str(self.value(account, "api_key"))
        if not account.is_live:
            found.append(_("Venndelo has no test environment: its account is live."))
        if not key:
            found.append(_("Fill in “%(field)s”.") % {"field": self.settings[0].label})
        elif not _is_key(key):
            found.append(_("This does not look like a key of Venndelo."))
        return found

    def check(self, account: CarrierAccount) -> None:
        ask(account, "GET", "check-auth")

    def balance(self, account: CarrierAccount) -> int | None:
        told = ask(account, "GET", "wallet/get-wallet-balance")
        return centavos(told.get("balance"), may_be_owed=True)

    # --- Prices ---------------------------------------------------------------------------------

    def quote(self, account: CarrierAccount, wish: Wish, *, seconds: float) -> list[Option]:
        """Ask twice at once: what costs more with cash at the door is the fee for that."""
        with_cash = bool(self.value(account, "offers_cash")) and wish.value >= 100 * len(wish.boxes)
        with ThreadPoolExecutor(max_workers=1) as beside:
            cash = beside.submit(_price, account, wish, orders.CASH, seconds) if with_cash else None
            try:
                cost = _price(account, wish, orders.PREPAID, seconds)
            except NotCovered:
                return []
        at_the_door = _result(cash)
        return [
            Option(
                service=SERVICE,
                label=_("%(carrier)s to your door") % {"carrier": _DRIVES},
                carrier=_DRIVES,
                cost=cost,
                allows_cash=at_the_door is not None,
                cash_fee=max(0, at_the_door - cost) if at_the_door is not None else 0,
            )
        ]

    # --- Creating -------------------------------------------------------------------------------

    def find(self, shipment: Shipment) -> Created | None:
        """Look through what was created since we asked: nothing there is unique by our code."""
        asked_at = shipment.asked_at or shipment.created_at
        alive, is_whole = [], False
        for items, has_more in pages(
            shipment.account,
            "orders",
            most=_MOST_PAGES_TO_FIND,
            created_min=written(min(asked_at, shipment.created_at) - _BEFORE),
            created_max=written(asked_at + _AFTER),
            status="ANY",
        ):
            ours = [order for order in items if order.get("external_order_id") == shipment.code]
            alive += [order for order in ours if not orders.is_cancelled(order)]
            is_whole = not has_more
        if alive:
            return self._accepted(shipment, sorted(alive, key=_age))
        if not is_whole:
            raise NotSearchable(_("Venndelo lists too many orders to find one of ours."))
        return None

    def create(self, shipment: Shipment) -> Created:
        told = ask(shipment.account, "POST", "orders", json=orders.payload(shipment))
        made = told.get("items")
        made = [order for order in made if isinstance(order, dict)] if type(made) is list else []
        if not made:
            raise unreadable()
        return self._accepted(shipment, made)

    def _accepted(self, shipment: Shipment, made: list[dict]) -> Created:
        """Take the first of these orders, and say which others are there under the same code."""
        order, *others = made
        duplicates = [orders.id_of(other) for other in others]
        if duplicates:
            logger.warning(
                "Venndelo holds several orders of one shipment",
                extra={"shipment": str(shipment.pk), "orders": duplicates},
            )
        asked = orders.collects_another_amount(order, shipment)
        if asked is not None:
            ask(shipment.account, "POST", f"orders/{_part(orders.id_of(order))}/cancel")
            raise orders.mismatch(order, shipment, asked)
        return orders.created(order, **({"duplicates": duplicates} if duplicates else {}))

    # --- Labels and pick-ups ----------------------------------------------------------------------

    def label(self, shipment: Shipment) -> LabelReport:
        """Take the next step: have the guide made, then its label, which takes a while too."""
        order = self._order(shipment.account, shipment.carrier_id)
        progress = dict(shipment.progress)
        if orders.is_cancelled(order):
            raise ProviderRefused(_("Venndelo says that this shipment was cancelled."))
        if not orders.has_guide(order):
            now = timezone.now()
            asked_at = progress.get("guide_asked_at")
            if not asked_at or datetime.fromisoformat(asked_at) < now - _PATIENCE:
                wish = {"order_ids": [shipment.carrier_id]}
                ask(shipment.account, "POST", "shipping/create-shipments", json=wish)
                progress["guide_asked_at"] = now.isoformat()
            return LabelReport(progress=progress)
        facts = {**orders.label_facts(order), "progress": progress}
        told = ask(
            shipment.account,
            "POST",
            "shipping/generate-labels",
            json={"output": "BASE64", "format": "LABEL_10x15", "order_ids": [shipment.carrier_id]},
            largest=_LARGEST_LABEL,
        )
        if told.get("status") == "SUCCESS":
            return LabelReport(pdf=_pdf(told), **facts)
        _refuse_errors(told, shipment.carrier_id)
        return LabelReport(**facts)

    def pick_up(self, pickup: Pickup, shipments: Sequence[Shipment]) -> PickupReport:
        wanted = [shipment.carrier_id for shipment in shipments]
        told = ask(pickup.account, "POST", "shipping/request-pickup", json={"order_ids": wanted})
        visits = told.get("pickups")
        visits = [visit for visit in visits if isinstance(visit, dict)] if visits else []
        known = {str(order) for visit in visits for order in visit.get("order_ids") or ()}
        if not known & set(wanted):
            raise ProviderRefused(_("Venndelo found nothing to be picked up."))
        if missing := sorted(set(wanted) - known):
            logger.warning("Venndelo left orders out of a pick-up", extra={"orders": missing})
        # It has no number: the place is all that is told.
        places = [str(visit.get("pickup_location_id") or "") for visit in visits]
        return PickupReport(carrier_reference=", ".join(filter(None, places))[:120])

    def cancel(self, shipment: Shipment) -> None:
        try:
            ask(shipment.account, "POST", f"orders/{_part(shipment.carrier_id)}/cancel")
        except ProviderRefused as error:
            if isinstance(error, NotKnown) or not self._was_cancelled(shipment):
                raise

    def _was_cancelled(self, shipment: Shipment) -> bool:
        return orders.is_cancelled(self._order(shipment.account, shipment.carrier_id))

    # --- Following --------------------------------------------------------------------------------

    def track(
        self, account: CarrierAccount, shipments: Sequence[Shipment]
    ) -> dict[object, Tracked]:
        """Page through the days on which they were created; ask for the few that are left.

        Who finds no room in this round is left out, not always the same.
        """
        missing = {shipment.carrier_id: shipment for shipment in shipments}
        found: dict[object, Tracked] = {}
        for order in self._listed(account, shipments, missing):
            shipment = missing.pop(str(order.get("id")), None)
            if shipment is not None:
                found[shipment.pk] = orders.tracked(order)
        left = list(missing.values())
        for shipment in random.sample(left, min(len(left), _ORDERS_A_ROUND)):
            try:
                found[shipment.pk] = orders.tracked(self._order(account, shipment.carrier_id))
            except NotKnown:
                continue
        return found

    def _listed(self, account, shipments, missing: dict) -> Iterator[dict]:
        spans = _spans(shipments)
        random.shuffle(spans)
        pages_left = _PAGES_A_ROUND
        for first, last, ids in spans:
            # A list must not cost more than asking for each.
            most = min(pages_left, len(ids))
            for items, _has_more in pages(
                account,
                "orders",
                most=most,
                created_min=written(first - _BEFORE),
                created_max=written(last + _BEFORE),
                status="ANY",
            ):
                pages_left -= 1
                yield from items
                if not ids & missing.keys():
                    break

    def _order(self, account: CarrierAccount, order_id: str) -> dict:
        order = ask(account, "GET", f"orders/{_part(order_id)}")
        if orders.id_of(order) != order_id:
            raise ProviderUnavailable("Venndelo answered another order")
        return order

    # --- Incidents --------------------------------------------------------------------------------

    def incidents(self, account: CarrierAccount, *, since: datetime) -> list[IncidentReport]:
        return novedades.incidents(account, since=since)

    def reply(self, incident: Incident, reply: Reply) -> None:
        novedades.reply(incident, reply)

    def collection_points(self, incident: Incident) -> list[CollectionPoint]:
        return novedades.collection_points(incident)


def _price(account: CarrierAccount, wish: Wish, method: str, seconds: float) -> int:
    names = [(content.name, content.quantity) for content in wish.contents]
    lines = orders.lines(wish.boxes, names, code="1", amount=wish.value)
    told = ask(
        account,
        "POST",
        "orders/quotation",
        seconds=seconds,
        json={
            "pickup_info": orders.where(wish.origin),
            "shipping_info": orders.where(wish.destination),
            "line_items": [line.payload(is_free=False) for line in lines],
            "payment_method_code": method,
        },
    )
    return centavos(told.get("quoted_shipping_total"))


def _result(cash) -> int | None:
    """Give the price with cash at the door; without one, that is not offered."""
    try:
        return cash.result() if cash else None
    except (ProviderUnavailable, ProviderRefused):
        return None


def _spans(shipments: Sequence[Shipment]) -> list[tuple[datetime, datetime, set[str]]]:
    """Give the stretches of time in which these were created, with the ids in each."""
    spans: list[tuple[datetime, datetime, set[str]]] = []
    timed = [(shipment.asked_at or shipment.created_at, shipment) for shipment in shipments]
    for at, shipment in sorted(timed, key=lambda pair: pair[0]):
        if spans and at - spans[-1][1] <= _GAP:
            first, _last, ids = spans.pop()
            spans.append((first, at, ids | {shipment.carrier_id}))
        else:
            spans.append((at, at, {shipment.carrier_id}))
    return spans


def _refuse_errors(told: dict, order_id: str) -> None:
    """Raise what is wrong with this order's label; another one's does not concern it."""
    items = told.get("items")
    items = [item for item in items if isinstance(item, dict)] if type(items) is list else []
    for item in items:
        if str(item.get("order_id")) == order_id and item.get("status") == "ERROR":
            raise ProviderRefused(_words(item.get("errors")), code="label")
    if told.get("status") == "ERROR":
        raise ProviderRefused(_words(told.get("errors")), code="label")


def _words(errors: object) -> str:
    texts = errors if isinstance(errors, list) else []
    texts = [text.get("message") if isinstance(text, dict) else text for text in texts]
    said = "; ".join(str(text) for text in texts if text)[:200]
    return _("Venndelo made no label: %(said)s") % {"said": said or _("it does not say why")}


def _pdf(told: dict) -> bytes:
    """Give the label itself, which is in the answer or at an address that it names."""
    data = str(told.get("data") or "")
    if told.get("output") == "URL" or data.startswith("https://"):
        answer = http.exchange("GET", data, largest=_LARGEST_LABEL, redirects=2)
        http.require_good(answer)
        pdf = answer.body
    else:
        try:
            pdf = b64decode(data.rpartition(",")[2])
        except (NotBase64, ValueError):
            raise unreadable() from None
    if not pdf.startswith(b"%PDF"):
        raise unreadable()
    return pdf


def _age(order: dict) -> tuple[str, str]:
    return str(order.get("created_at") or ""), str(order.get("id"))


def _part(order_id: str) -> str:
    return quoted(order_id, safe="")


def _is_key(key: str) -> bool:
    try:
        UUID(key)
    except ValueError:
        return False
    return True
