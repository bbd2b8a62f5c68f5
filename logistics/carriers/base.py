"""What every carrier promises, in our words.

An adapter saves no rows and keeps nothing between calls: what it has to remember it gives back,
and whoever called it saves that. Nothing there is safe to repeat unless the adapter says so.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from config.lib.accounts import Configured
from config.lib.errors import ProviderRefused

from ..models import CarrierAccount, Incident, Pickup, Shipment
from ..models.shipments import State


@dataclass(frozen=True)
class Place:
    """Where a parcel leaves or arrives, as far as a price depends on it."""

    municipality_code: str  # Five digits (DANE).
    municipality: str
    department_code: str  # Two digits.
    department: str

    @property
    def carrier_code(self) -> str:
        """The eight digits at the carriers' edge: the town itself is 000 (carriers.md §1.5)."""
        return f"{self.municipality_code}000"


@dataclass(frozen=True)
class Content:
    """So many of one thing; sizes are never 0, for parcels.py fills in what is unknown."""

    sku: str
    name: str
    quantity: int
    unit_price: int  # Minor units.
    weight_grams: int
    length_cm: int
    width_cm: int
    height_cm: int


@dataclass(frozen=True)
class Box:
    """One parcel as it is weighed and measured, packaging included."""

    weight_grams: int
    length_cm: int
    width_cm: int
    height_cm: int


@dataclass(frozen=True)
class Wish:
    """What is to be sent where, as far as a price depends on it. Amounts in minor units."""

    origin: Place
    destination: Place
    boxes: tuple[Box, ...]
    contents: tuple[Content, ...]
    value: int  # Of the goods, after discounts.
    currency: str


@dataclass(frozen=True)
class Option:
    """One way a carrier offers. Amounts in minor units, IVA included; days are working days."""

    service: str  # What `create` is told; the same as long as the carrier offers it.
    label: str  # As buyers read it.
    carrier: str  # Who drives.
    cost: int
    days_min: int | None = None
    days_max: int | None = None
    allows_cash: bool = False
    # What is added when the goods are paid at the door.
    cash_fee: int = 0


@dataclass(frozen=True)
class Created:
    """What a carrier made of a shipment: only `carrier_id` is sure to be there."""

    carrier_id: str
    tracking_number: str = ""
    tracking_url: str = ""
    carrier: str = ""  # Who drives, when it says so.
    cost: int | None = None
    progress: dict = field(default_factory=dict)
    label: bytes | None = field(default=None, repr=False)  # A PDF that came with the answer.


@dataclass(frozen=True)
class LabelReport:
    """How a label stands; without a PDF it is not ready, and asked for again.

    `has_none` says that this carrier prints none: ours goes on the box.
    """

    pdf: bytes | None = field(default=None, repr=False)
    has_none: bool = False
    tracking_number: str = ""
    tracking_url: str = ""
    carrier: str = ""
    cost: int | None = None
    progress: dict = field(default_factory=dict)


@dataclass(frozen=True)
class PickupReport:
    """What a carrier says to a visit that was asked for."""

    carrier_reference: str = ""
    cost: int | None = None


@dataclass(frozen=True)
class News:
    """One thing a carrier says of a shipment; `state` is None for a word we do not know."""

    raw_state: str
    state: State | None
    at: datetime
    description: str = ""
    place: str = ""


@dataclass(frozen=True)
class Tracked:
    """Everything a carrier says of one shipment now, the oldest first."""

    news: tuple[News, ...]
    tracking_number: str = ""
    tracking_url: str = ""
    promised_on: date | None = None
    cost: int | None = None


@dataclass(frozen=True)
class PossibleReply:
    """One answer that a carrier takes to an incident, and what has to be written with it."""

    type: str
    label: str
    # Of: notes, delivery_date, address, collection_point_id
    fields: tuple[str, ...] = ("notes",)


@dataclass(frozen=True)
class Reply:
    """The answer of the shop to an incident."""

    type: str
    notes: str = ""
    delivery_date: date | None = None
    address: str = ""
    collection_point_id: str = ""


@dataclass(frozen=True)
class CollectionPoint:
    """A place of the carrier where a buyer may fetch a parcel."""

    id: str  # What a Reply names.
    name: str
    address: str


@dataclass(frozen=True)
class IncidentReport:
    """What keeps a shipment from arriving, as its carrier tells it."""

    carrier_id: str
    # By one of them the shipment is found.
    shipment_carrier_id: str
    tracking_number: str
    description: str
    happened_at: datetime
    code: str = ""
    raw_state: str = ""
    is_open: bool = True
    possible_replies: tuple[PossibleReply, ...] = ()


@dataclass(frozen=True)
class Notice:
    """A webhook whose signature was checked; a reason to ask, never the truth."""

    event_id: str
    kind: str
    payload: dict = field(repr=False)
    tracking_number: str = ""
    carrier_id: str = ""


class NotSearchable(ProviderRefused):
    """This carrier cannot be asked whether it heard us."""


class Carrier(Configured, ABC):
    """Raises ProviderUnavailable or ProviderRefused, never its own errors, and saves no rows."""

    code: str
    # What it can do.
    takes_cash = False
    has_quotes = True
    has_pickups = False
    has_incidents = False
    has_wallet = False
    # Whether it brings notices to the common webhook path.
    has_notices = False
    can_cancel = True
    # Room counts as weight: kg = cm3 / this. 2,500 is what Colombian carriers name (inferred).
    volumetric_divisor = 2_500
    # Whether its price depends on each line, and not on boxes and value alone.
    prices_lines = True
    # So many shipments one call asks about, and so many calls a minute it bears at most.
    tracked_at_once = 1
    calls_a_minute = 60

    @abstractmethod
    def problems(self, account: CarrierAccount) -> list[str]:
        """Say what is missing or wrong in the account's keys, without calling anybody."""

    @abstractmethod
    def check(self, account: CarrierAccount) -> None:
        """Ask the carrier whether the keys work; silence is good, an error says why not."""

    @abstractmethod
    def quote(self, account: CarrierAccount, wish: Wish, *, seconds: float) -> list[Option]:
        """Give what it offers for this wish within so many seconds; nothing for no coverage.

        A price below nothing, or one that is no number, raises ProviderUnavailable.
        """

    @abstractmethod
    def find(self, shipment: Shipment) -> Created | None:
        """Look for a shipment that we may have created, by our code; None: it is not there.

        Raises NotSearchable where the carrier cannot be asked.
        """

    @abstractmethod
    def create(self, shipment: Shipment) -> Created:
        """Create a shipment; never called twice without `find` in between.

        ProviderUnavailable says that it may have been created. ProviderRefused says that it was
        not, and why, in words for staff.
        """

    @abstractmethod
    def label(self, shipment: Shipment) -> LabelReport:
        """Fetch the label, or say that it is not ready; safe to repeat."""

    @abstractmethod
    def cancel(self, shipment: Shipment) -> None:
        """Take it back; one that was cancelled before is cancelled. Refused: it is too late."""

    @abstractmethod
    def track(
        self, account: CarrierAccount, shipments: Sequence[Shipment]
    ) -> dict[object, Tracked]:
        """Give what it says of each, by the shipment's key; one it does not know is left out."""

    def pick_up(self, pickup: Pickup, shipments: Sequence[Shipment]) -> PickupReport:
        """Ask for a visit; never repeated without an answer."""
        raise ProviderRefused("This carrier is not asked for pick-ups", code="no_pickups")

    def incidents(self, account: CarrierAccount, *, since: datetime) -> list[IncidentReport]:
        """Give every incident that changed since then."""
        return []

    def reply(self, incident: Incident, reply: Reply) -> None:
        """Tell the carrier what to do; safe to repeat."""
        raise ProviderRefused("This carrier takes no answers", code="no_replies")

    def collection_points(self, incident: Incident) -> list[CollectionPoint]:
        """Give where the buyer may fetch the parcel of this incident."""
        return []

    def balance(self, account: CarrierAccount) -> int | None:
        """Give the money left in the wallet, in minor units; None without one."""
        return None

    def read_notice(
        self, account: CarrierAccount, headers: Mapping[str, str], body: bytes
    ) -> Notice:
        """Check a webhook and read it, or raise BadSignature."""
        raise ProviderRefused("This carrier sends no notices", code="no_notices")


def header(headers: Mapping[str, str], name: str) -> str:
    """Give a header whatever the case of its name, or nothing."""
    wanted = name.lower()
    return next((value for key, value in headers.items() if key.lower() == wanted), "")
