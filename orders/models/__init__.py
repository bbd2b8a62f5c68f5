"""Every model of orders, by subject."""

from .carts import Cart, CartLine
from .orders import Order, OrderEvent, OrderLine, OrderShipment
from .payments import GatewayEvent, GatewayTransaction, PaymentAccount, PaymentAttempt, Refund
from .returns import ReturnLine, ReturnRequest
from .vouchers import Voucher, VoucherUse

__all__ = [
    "Cart",
    "CartLine",
    "GatewayEvent",
    "GatewayTransaction",
    "Order",
    "OrderEvent",
    "OrderLine",
    "OrderShipment",
    "PaymentAccount",
    "PaymentAttempt",
    "Refund",
    "ReturnLine",
    "ReturnRequest",
    "Voucher",
    "VoucherUse",
]
