"""Ways of delivery and what they cost."""

from logistics.models import Rate, RateTable
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
