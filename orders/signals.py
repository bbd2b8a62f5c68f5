"""News of orders, sent in the transaction in which they happen."""

from django.dispatch import Signal

# Something was said about an order's money, or it ended. Takes: order, attempt (or None), now.
order_moved = Signal()
