"""Many rows of one table changed by one statement."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection, models


def update(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Save these fields of all rows at once; the rows are of one model."""
    if not rows or not fields:
        return
    meta = rows[0]._meta
    columns = [meta.pk, *(meta.get_field(name) for name in fields)]
    values = [
        [field.get_db_prep_save(getattr(row, field.attname), connection=connection) for row in rows]
        for field in columns
    ]
    arrays = ", ".join(f"%s::{field.rel_db_type(connection)}[]" for field in columns)
    quote = connection.ops.quote_name
    names = [quote(field.column) for field in columns]
    assigned = ", ".join(f"{name} = given.{name}" for name in names[1:])
    # Names of our own tables and columns only; every value is a parameter.
    statement = (
        f"UPDATE {quote(meta.db_table)} AS kept SET {assigned} "  # noqa: S608
        f"FROM unnest({arrays}) AS given ({', '.join(names)}) "
        f"WHERE kept.{names[0]} = given.{names[0]}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


_LOCKS = {
    # Always in this order, and each table in the order of its keys (see shop/stock.py).
    "stock": "SELECT 1 FROM shop_stocklevel WHERE variant_id = ANY(%s::uuid[]) "
    "ORDER BY variant_id FOR NO KEY UPDATE",
    "products": "SELECT 1 FROM shop_product WHERE id = ANY(%s::uuid[]) "
    "ORDER BY id FOR NO KEY UPDATE",
    "variants": "SELECT 1 FROM shop_variant WHERE product_id = ANY(%s::uuid[]) "
    "ORDER BY id FOR NO KEY UPDATE",
}


def lock(*, stock: Sequence[UUID], products: Sequence[UUID]) -> None:
    """Hold the stock of these variants, then these products with all of their variants."""
    keys = {"stock": sorted(stock), "products": sorted(products), "variants": sorted(products)}
    with connection.cursor() as cursor:
        for name, statement in _LOCKS.items():
            cursor.execute(statement, [keys[name]])
