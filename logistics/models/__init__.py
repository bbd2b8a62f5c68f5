"""Every model of logistics, by subject."""

from .carriers import CarrierAccount, DeliverySettings, Origin
from .cash import CashLine, CashStatement
from .notices import CarrierNotice
from .practice import PracticeParcel
from .rates import Rate, RateTable
from .shipments import Incident, Parcel, Pickup, Shipment, TrackingEvent

__all__ = [
    "CarrierAccount",
    "CarrierNotice",
    "CashLine",
    "CashStatement",
    "DeliverySettings",
    "Incident",
    "Origin",
    "Parcel",
    "Pickup",
    "PracticeParcel",
    "Rate",
    "RateTable",
    "Shipment",
    "TrackingEvent",
]
