"""Every model of orders, by subject."""

from .carts import Cart, CartLine
from .idempotency import IdempotentRequest
from .orders import Order, OrderEvent, OrderLine, OrderShipment
from .payments import GatewayEvent, GatewayTransaction, PaymentAccount, PaymentAttempt, Refund
from .practice import PracticePayment
from .returns import ReturnLine, ReturnRequest
from .sales import DailyProductSales, DailySales, SalesState
from .vouchers import Voucher, VoucherUse

__all__ = [
    "Cart",
    "CartLine",
    "DailyProductSales",
    "DailySales",
    "GatewayEvent",
    "GatewayTransaction",
    "IdempotentRequest",
    "Order",
    "OrderEvent",
    "OrderLine",
    "OrderShipment",
    "PaymentAccount",
    "PaymentAttempt",
    "PracticePayment",
    "Refund",
    "ReturnLine",
    "ReturnRequest",
    "SalesState",
    "Voucher",
    "VoucherUse",
]
