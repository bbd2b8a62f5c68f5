"""The pages of orders in the back-office, by subject."""

from . import (
    customer_orders,
    drafts_admin,
    offers_admin,
    order_admin,
    payment_accounts,
    quick_orders,
    refunds_admin,
    returns_admin,
    sales,
    shipments_admin,
    stock_proof,
    subscriptions_admin,
    today,
    vouchers_admin,
    warehouse,
)

__all__ = [
    "customer_orders",
    "drafts_admin",
    "offers_admin",
    "order_admin",
    "payment_accounts",
    "quick_orders",
    "refunds_admin",
    "returns_admin",
    "sales",
    "shipments_admin",
    "stock_proof",
    "subscriptions_admin",
    "today",
    "vouchers_admin",
    "warehouse",
]
