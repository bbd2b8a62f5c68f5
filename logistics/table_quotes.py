"""What delivery costs by the shop's own rate tables, in one query."""

from django.db import connection

from shop.models import Municipality, Organization

from .offered import Basket, Quote


def of_tables(
    organization: Organization, municipality: Municipality, basket: Basket
) -> tuple[list[Quote], bool]:
    """Give what the rate tables offer, and whether there may be carriers to ask as well."""
    parameters = {
        "organization": organization.pk,
        "municipality": municipality.pk,
        "department": municipality.department_id,
        "grams": basket.weight_grams,
        "value": basket.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(_QUOTES, parameters)
        rows = cursor.fetchall()
    return [Quote(*row[:-1]) for row in rows if row[0] is not None], rows[0][-1]


# For each table the most particular place it names, and there the step that fits: of those that
# the order's value reaches the highest, of those that carry its weight the lightest. The columns
# are the fields of a Quote, and last whether the shop may have carriers to ask: a row without a
# quote says so where no table fits, so that shops without carriers pay no query for them.
_QUOTES = """
SELECT found.code, found.name, found.description, found.carrier, found.cost, found.price,
    found.days_min, found.days_max, found.is_pickup, found.allows_cash, found.cash_fee,
    found.free_from,
    EXISTS (
        SELECT FROM logistics_carrieraccount AS account
        WHERE account.organization_id = %(organization)s::uuid
        AND account.is_active AND account.is_quoted
    )
FROM (SELECT) AS one LEFT JOIN (
    SELECT
        'rate-' || replace(rate_table.id::text, '-', '') AS code,
        rate_table.id,
        rate_table.position,
        rate_table.name,
        rate_table.description,
        rate_table.carrier,
        CASE WHEN rate.free_from <= %(value)s::bigint THEN 0 ELSE rate.price END AS cost,
        rate.price,
        rate.days_min,
        rate.days_max,
        rate_table.kind = 'pickup' AS is_pickup,
        rate_table.allows_cash_on_delivery AND rate.allows_cash_on_delivery AS allows_cash,
        CASE
            WHEN rate_table.allows_cash_on_delivery AND rate.allows_cash_on_delivery
            THEN rate.cash_on_delivery_fee ELSE 0
        END AS cash_fee,
        rate.free_from
    FROM logistics_ratetable AS rate_table
    CROSS JOIN LATERAL (
        SELECT
            step.*,
            step.is_covered
            AND step.lowest_order_value <= %(value)s::bigint
            AND (step.heaviest_grams IS NULL OR step.heaviest_grams >= %(grams)s::bigint) AS fits
        FROM logistics_rate AS step
        WHERE step.table_id = rate_table.id
        AND (
            step.municipality_id = %(municipality)s::varchar
            OR step.municipality_id IS NULL AND step.department_id = %(department)s::varchar
            OR step.municipality_id IS NULL AND step.department_id IS NULL
        )
        ORDER BY
            step.municipality_id IS NULL, step.department_id IS NULL,
            fits DESC, step.lowest_order_value DESC, step.heaviest_grams NULLS LAST
        LIMIT 1
    ) AS rate
    WHERE rate_table.organization_id = %(organization)s::uuid AND rate_table.is_active AND rate.fits
) AS found ON TRUE
ORDER BY found.position, found.name, found.id
"""
