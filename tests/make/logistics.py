"""Ways of delivery and what they cost."""

from django.utils import timezone

from logistics.models import (
    CarrierAccount,
    CarrierNotice,
    CashLine,
    CashStatement,
    DeliverySettings,
    Incident,
    Origin,
    Parcel,
    Rate,
    RateTable,
    Shipment,
)
from shop.models import Municipality
from tests.make.shop import here, numbers


def rate_table(name: str | None = None, **fields) -> RateTable:
    """Give a way of delivery, still without rates."""
    fields = {"organization": here(), **fields}
    return RateTable.objects.create(name=name or f"Envío {next(numbers)}", **fields)


def rate(table: RateTable, **fields) -> Rate:
    """Give a rate of the table, for everywhere unless it names a place."""
    return Rate.objects.create(table=table, **{"price": 1_590_000, **fields})


def national_rate(*, price: int = 1_000_000, **fields) -> Rate:
    """Give a rate that covers the whole country, cash on delivery included."""
    table = RateTable.objects.create(
        organization=here(), name="Envío nacional", allows_cash_on_delivery=True
    )
    fields = {"days_min": 2, "days_max": 4, "allows_cash_on_delivery": True, **fields}
    return rate(table, price=price, **fields)


def delivery_code(rate: Rate) -> str:
    """Give what a form posts to choose this rate's table."""
    return f"rate-{rate.table_id.hex}"


def shipment(*, boxes: int = 1, **fields) -> Shipment:
    """Give a shipment to Medellín in so many boxes, its label ready unless told otherwise."""
    number, now = 1000 + next(numbers), timezone.now()
    place = {"municipality": "Medellín", "municipality_code": "05001", "department": "Antioquia"}
    fields = {
        "reference": str(number),
        "code": f"{number}-1",
        "carrier_name": "Coordinadora",
        "state": "label_ready",
        "state_at": now,
        "created_at": now,
        "sender": place | {"name": "Kaiu", "line": "Calle 1 # 2-3", "phone": "+573107654321"},
        "recipient": place
        | {"name": "Íñigo Peña", "line": "Carrera 43A # 1-50", "phone": "+573001234567"},
        **fields,
    }
    made = Shipment.objects.create(organization=here(), **fields)
    for position in range(1, boxes + 1):
        Parcel.objects.create(
            shipment=made,
            position=position,
            weight_grams=1_250,
            length_cm=20,
            width_cm=12,
            height_cm=8,
        )
    return made


def carrier_account(provider: str = "practice", **fields) -> CarrierAccount:
    """Give a carrier that the shop sends with, for the mode that the shop is in."""
    fields = {
        "organization": here(),
        "name": f"Transportadora {next(numbers)}",
        "is_live": here().is_live,
        **fields,
    }
    return CarrierAccount.objects.create(provider=provider, **fields)


def origin(**fields) -> Origin:
    """Give a place of dispatch in Bogotá."""
    fields = {
        "organization": here(),
        "name": f"Bodega {next(numbers)}",
        "contact_name": "Luis Peña",
        "phone": "+573001112233",
        "line": "Calle 13 # 20-30",
        "municipality": Municipality.objects.get(code="11001"),
        **fields,
    }
    return Origin.objects.create(**fields)


def carrier_notice(account: CarrierAccount | None = None, **fields) -> CarrierNotice:
    """Give a notice of a carrier that was kept and waits."""
    now = timezone.now()
    fields = {
        "event_id": f"aviso-{next(numbers)}",
        "kind": "tracking.simple",
        "payload": {},
        "received_at": now,
        "try_at": now,
        **fields,
    }
    return CarrierNotice.objects.create(account=account or carrier_account("envia"), **fields)


def rows_of_logistics(word: str = "Uno") -> dict[str, object]:
    """Give a row of every model of logistics that staff meet, carrying the word where it can."""
    account = carrier_account("envia", name=f"Envia {word}")
    return {
        "carrieraccount": account,
        "carriernotice": carrier_notice(account, tracking_number=f"568{word}"),
        "origin": origin(name=f"Bodega {word}"),
        "deliverysettings": DeliverySettings.objects.get_or_create(organization=here())[0],
        "cashstatement": cash_statement(word),
        "incident": Incident.objects.create(
            shipment=shipment(is_test=not here().is_live),
            carrier_id=f"novedad-{word}",
            description=f"Nadie en casa de {word}",
            answer_by=timezone.now(),
            happened_at=timezone.now(),
        ),
    }


def cash_statement(word: str = "Uno", **fields) -> CashStatement:
    """Give a carrier's statement with one guide that nobody knows."""
    now = timezone.now()
    statement = CashStatement.objects.create(
        organization=here(),
        name=f"recaudo-{word}.csv",
        currency=here().currency,
        line_count=1,
        collected=5_000_000,
        paid=5_000_000,
        imported_at=now,
        **fields,
    )
    CashLine.objects.create(
        statement=statement,
        row=2,
        tracking_number=f"GUIA-{word}",
        collected=5_000_000,
        paid=5_000_000,
        result=CashLine.Result.UNKNOWN,
    )
    return statement
