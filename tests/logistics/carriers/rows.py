"""What carriers are asked about."""

from logistics.carriers.base import Box, Content, Place, Wish
from logistics.models import CarrierAccount, Shipment
from tests import make

BOGOTA = Place("11001", "Bogotá, D.C.", "11", "Bogotá, D.C.")
MEDELLIN = Place("05001", "Medellín", "05", "Antioquia")
COFFEE = Content("CAF-250", "Café 250 g", 2, 2_495_000, 250, 20, 12, 8)


def wish(**fields) -> Wish:
    """Give the wish to send coffee for 49.900 from Bogotá to Medellín."""
    fields = {
        "origin": BOGOTA,
        "destination": MEDELLIN,
        "boxes": (Box(580, 20, 12, 16),),
        "contents": (COFFEE,),
        "value": 4_990_000,
        "currency": "COP",
        **fields,
    }
    return Wish(**fields)


def shipment(account: CarrierAccount, **fields) -> Shipment:
    """Give the intention to send the same coffee by this account, nobody asked yet."""
    fields = {
        "state": "pending",
        "declared_value": 4_990_000,
        "contents": [{"name": "Café 250 g", "sku": "CAF-250", "quantity": 2}],
        "sender": address(
            "11001",
            recipient="Luis Peña",
            name="Luis Peña",
            line="Calle 13 # 20-30",
            phone="+573001112233",
        ),
        "recipient": address(
            "05001",
            recipient="Ana María Ruiz",
            name="Ana María Ruiz",
            line="Carrera 43A # 1-50",
            complement="apto 301",
            document_type="CC",
            document_number="1020304050",
        ),
        **fields,
    }
    return make.shipment(account=account, **fields)


def address(code: str, **fields) -> dict:
    """Give an address in this town as a shipment keeps it."""
    return {
        "phone": "+573001234567",
        "email": "ana@example.com",
        "municipality_code": code,
        "department_code": code[:2],
        "department": {"11": "Bogotá, D.C.", "05": "Antioquia"}.get(code[:2], ""),
        **fields,
    }
