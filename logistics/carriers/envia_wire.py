"""What is sent to Envia.com and what comes back, field by field."""

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _

from config.lib.errors import ProviderUnavailable

from .. import addresses
from ..models import CarrierAccount, Parcel, Pickup, Shipment
from . import envia_catalogue as catalogue
from .amounts import centavos, days, pesos, shares
from .base import Box, Option, Place, Wish

_CURRENCY = "COP"
# "Carrera 43A # 1-50" in two fields; where there is no mark, all of it is the street (inferred).
_NUMBER = re.compile(r"^(?P<street>[^#]{3,}?)\s*(?:#|\bno?\.\s*|\bn°\s*)\s*(?P<number>\d.*)$", re.I)


def quote(account: CarrierAccount, wish: Wish, *, seconds: float) -> dict:
    """Give what is asked of every carrier alike."""
    return {
        "origin": _place(account, wish.origin, seconds=seconds),
        "destination": _place(account, wish.destination, seconds=seconds),
        "packages": _packages(
            wish.boxes, content=_content(one.name for one in wish.contents), value=wish.value
        ),
        "settings": {"currency": _CURRENCY},
    }


def service(carrier: str) -> dict:
    """Give whom to ask."""
    return {"shipment": {"carrier": carrier, "type": 1}}


def creation(shipment: Shipment) -> dict:
    """Give what makes a label; everything that has to be asked for it was asked."""
    account, parcels = shipment.account, list(shipment.parcels.all())
    carrier, _colon, offered = shipment.service.partition(":")
    packages = _packages(
        [_box(parcel) for parcel in parcels],
        content=_content(str(one.get("name") or "") for one in shipment.contents),
        value=shipment.declared_value,
    )
    if shipment.cash_to_collect:
        # As client code asks for it, in the first package only: it is collected once.
        amount = pesos(shipment.cash_to_collect)
        packages[0]["additionalServices"] = [
            {"service": "cash_on_delivery", "data": {"amount": amount}}
        ]
    sender, recipient = addresses.sender(shipment), addresses.recipient(shipment)
    return {
        # There is no field for our own code; in the panel, people find it beside the sender.
        "origin": _party(account, sender, reference=shipment.code),
        "destination": _party(account, recipient, reference=shipment.notes or recipient.notes),
        "packages": packages,
        "shipment": {"carrier": carrier, "service": offered, "type": 1},
        "settings": {"currency": _CURRENCY, "printFormat": "PDF", "printSize": "STOCK_4X6"},
    }


def visit(pickup: Pickup, carrier: str, shipments: Sequence[Shipment]) -> dict:
    """Give what asks a carrier to come for these."""
    parcels = [parcel for shipment in shipments for parcel in shipment.parcels.all()]
    origin = pickup.origin
    return {
        "origin": _party(pickup.account, addresses.of_origin(origin), reference=origin.name),
        "shipment": {
            "carrier": carrier,
            "type": 1,
            "pickup": {
                "timeFrom": origin.opens_at.hour,
                "timeTo": origin.closes_at.hour,
                "date": pickup.on.isoformat(),
                "instructions": line(origin.complement, 60),
                "totalPackages": len(parcels),
                "totalWeight": _kilos(sum(parcel.weight_grams for parcel in parcels)),
                "trackingNumbers": [shipment.tracking_number for shipment in shipments],
            },
        },
    }


def option(rate: object, *, with_cash: set, cash_fee: int) -> Option | None:
    """Read one way that a carrier offers; None for one without a service to ask for."""
    if not isinstance(rate, dict):
        raise ProviderUnavailable("Envia answered a price that cannot be read")
    carrier, offered = line(rate.get("carrier"), 30), line(rate.get("service"), 40)
    if not carrier or not offered:
        return None
    least, most = days(rate.get("deliveryEstimate"))
    allows_cash = (carrier.lower(), offered.lower()) in with_cash
    driver = catalogue.name(carrier)
    words = line(rate.get("serviceDescription"), 60)
    return Option(
        service=f"{carrier}:{offered}",
        label=_("%(carrier)s: %(service)s") % {"carrier": driver, "service": words}
        if words
        else driver,
        carrier=driver,
        cost=centavos(rate.get("totalPrice"), carrier="Envia"),
        days_min=least,
        days_max=most,
        allows_cash=allows_cash,
        cash_fee=cash_fee if allows_cash else 0,
    )


def carrier_of(shipment: Shipment) -> str:
    """Give the code of the carrier that drives a shipment."""
    return (shipment.progress or {}).get("carrier") or shipment.service.partition(":")[0]


def line(text: object, longest: int) -> str:
    """Give a text on one line and no longer than this."""
    return " ".join(str(text or "").split())[:longest].strip()


def address(text: object) -> str:
    """Give an address that a browser may be sent to, or nothing."""
    found = str(text or "").strip()
    return found if re.match(r"https?://[^\s\"'<>]+$", found) and len(found) <= 300 else ""


def _place(account: CarrierAccount, place: Place, *, seconds: float | None = None) -> dict:
    return {
        # The code: a name is answered with three errors that lead nowhere (carriers.md §4).
        "city": place.carrier_code,
        "state": catalogue.letters(account, place, seconds=seconds),
        "country": "CO",
        "postalCode": "",
    }


def _party(account: CarrierAccount, party: addresses.Party, *, reference: str) -> dict:
    split = _NUMBER.match(party.line)
    street, number = (split["street"], split["number"]) if split else (party.line, "")
    return {
        "name": line(party.name, 60),
        "company": "",
        "email": party.email,
        "phone": party.local_phone,
        "street": line(street, 90),
        "number": line(number, 30),
        "district": line(", ".join(filter(None, [party.complement, party.neighbourhood])), 60),
        "reference": line(reference, 90),
        **_place(account, party.place),
        "postalCode": party.postal_code,
    }


def _packages(boxes: Sequence[Box], *, content: str, value: int) -> list[dict]:
    worth = shares(value, len(boxes))
    return [
        {
            "content": content,
            "amount": 1,
            "type": "box",
            "weight": _kilos(box.weight_grams),
            "insurance": 0,
            "declaredValue": pesos(worth[number]),
            "weightUnit": "KG",
            "lengthUnit": "CM",
            "dimensions": {
                "length": box.length_cm,
                "width": box.width_cm,
                "height": box.height_cm,
            },
        }
        for number, box in enumerate(boxes)
    ]


def _box(parcel: Parcel) -> Box:
    return Box(parcel.weight_grams, parcel.length_cm, parcel.width_cm, parcel.height_cm)


def _content(names) -> str:
    return line(", ".join(dict.fromkeys(filter(None, names))), 60) or _("Goods")


def _kilos(grams: int) -> float:
    return max(grams, 1) / 1000
