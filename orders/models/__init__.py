"""Every model of orders, by subject."""

from .carts import Cart, CartLine
from .history import OrderEvent, OrderShipment, OrderShipmentLine
from .idempotency import IdempotentRequest
from .invoices import Invoice
from .methods import KeepingConsent, SavedMethod
from .offers import Offer, OfferAnswer
from .orders import Order, OrderLine
from .payments import GatewayEvent, GatewayTransaction, PaymentAccount, PaymentAttempt, Refund
from .practice import PracticeCard, PracticePayment
from .returns import ReturnLine, ReturnRequest
from .sales import DailyProductSales, DailySales, SalesState
from .staff_mails import StaffMail
from .subscriptions import (
    Subscription,
    SubscriptionEvent,
    SubscriptionLine,
    SubscriptionPeriod,
    SubscriptionPlan,
)
from .vouchers import Voucher, VoucherUse
from .warehouse import BatchItem, Packing, ShipmentBatch

__all__ = [
    "BatchItem",
    "Cart",
    "CartLine",
    "DailyProductSales",
    "DailySales",
    "GatewayEvent",
    "GatewayTransaction",
    "IdempotentRequest",
    "Invoice",
    "KeepingConsent",
    "Offer",
    "OfferAnswer",
    "Order",
    "OrderEvent",
    "OrderLine",
    "OrderShipment",
    "OrderShipmentLine",
    "Packing",
    "PaymentAccount",
    "PaymentAttempt",
    "PracticeCard",
    "PracticePayment",
    "Refund",
    "ReturnLine",
    "ReturnRequest",
    "SalesState",
    "SavedMethod",
    "ShipmentBatch",
    "StaffMail",
    "Subscription",
    "SubscriptionEvent",
    "SubscriptionLine",
    "SubscriptionPeriod",
    "SubscriptionPlan",
    "Voucher",
    "VoucherUse",
]
