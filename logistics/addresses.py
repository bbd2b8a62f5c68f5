"""Who sends and who receives a shipment, as it was when it was planned."""

from dataclasses import asdict, dataclass, fields

from .carriers.base import Place
from .models import Origin, Shipment


@dataclass(frozen=True)
class Party:
    """One end of a shipment; what a shipment keeps as `sender` and `recipient`."""

    name: str
    phone: str = ""
    email: str = ""
    document_type: str = ""
    document_number: str = ""
    line: str = ""
    complement: str = ""
    neighbourhood: str = ""
    postal_code: str = ""
    # For the courier, as the buyer wrote it.
    notes: str = ""
    municipality_code: str = ""
    municipality: str = ""
    department_code: str = ""
    department: str = ""

    @property
    def place(self) -> Place:
        return Place(
            municipality_code=self.municipality_code,
            municipality=self.municipality,
            department_code=self.department_code,
            department=self.department,
        )

    @property
    def one_line(self) -> str:
        """The address for carriers that know one line only: street, complement, neighbourhood."""
        return ", ".join(filter(None, [self.line, self.complement, self.neighbourhood]))

    @property
    def local_phone(self) -> str:
        """The number as it is dialled in Colombia: ten digits, without its country."""
        return self.phone.removeprefix("+57").replace(" ", "")

    def kept(self) -> dict:
        """Give it as a row keeps it: with the names that an order's address has."""
        kept = asdict(self)
        return {"recipient": kept.pop("name"), **kept}


_NAMES = {field.name for field in fields(Party)}


def read(kept: dict) -> Party:
    """Give an end of a shipment from what a row keeps."""
    known = {name: value for name, value in kept.items() if name in _NAMES and value is not None}
    return Party(**{"name": kept.get("recipient", ""), **known})


def sender(shipment: Shipment) -> Party:
    return read(shipment.sender)


def recipient(shipment: Shipment) -> Party:
    return read(shipment.recipient)


def of_origin(origin: Origin) -> Party:
    """Give a place of dispatch as the sender of a shipment."""
    municipality = origin.municipality
    return Party(
        name=origin.contact_name,
        phone=str(origin.phone),
        email=origin.email,
        line=origin.line,
        complement=origin.complement,
        neighbourhood=origin.neighbourhood,
        municipality_code=municipality.code,
        municipality=municipality.name,
        department_code=municipality.department_id,
        department=municipality.department.name,
    )
