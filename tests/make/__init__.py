"""Rows for tests: name only what the test is about."""

# ruff: noqa: F401 (tests say `make.product()`, wherever a builder lies)

from tests.make.content import banner, home_block, menu_item, post, post_category
from tests.make.logistics import (
    carrier_account,
    carrier_notice,
    cash_statement,
    delivery_code,
    national_rate,
    origin,
    rate,
    rate_table,
    rows_of_logistics,
    shipment,
)
from tests.make.orders import (
    attempt,
    cart,
    invoice,
    offer,
    order,
    order_line,
    pay,
    payment_account,
    placed_order,
    plan,
    report,
    rows_of_orders,
    subscription,
    wish,
)
from tests.make.shop import (
    PASSWORD,
    benefit,
    category,
    customer,
    here,
    kit,
    member,
    organization,
    picture_file,
    product,
    product_import,
    stock_alert,
    stock_count,
    user,
    variant,
)
