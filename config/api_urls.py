"""Every address of the API, below /api/."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from config.lib.api.docs import DocsView, SchemaView
from config.lib.api.views import UnknownAddress
from logistics.webhooks import CarrierWebhookView, senders
from orders.api.base import SIGNED, UUID
from orders.api.carts import CartView
from orders.api.checkout import CheckoutView, PaymentsView, PaymentView
from orders.api.invoices import InvoiceView
from orders.api.money import RefundView, VoucherView
from orders.api.orders import OrderByTokenView, OrderView
from orders.api.quotes import QuotesView
from orders.api.shipments import ShipmentView
from orders.webhooks import WebhookView
from shop.api.customers import CustomerView
from shop.api.products import ProductView
from shop.api.shelves import BenefitView, CategoryView
from shop.api.stock import StockView
from shop.api.tokens import RefreshView, SignInView
from shop.api.variants import VariantView

app_name = "api"

router = SimpleRouter()
router.register("products", ProductView, basename="product")
router.register("variants", VariantView, basename="variant")
router.register("stock", StockView, basename="stock")
router.register("categories", CategoryView, basename="category")
router.register("benefits", BenefitView, basename="benefit")
router.register("customers", CustomerView, basename="customer")
router.register("carts", CartView, basename="cart")
router.register("orders", OrderView, basename="order")
router.register(f"orders/(?P<order_id>{UUID})/invoices", InvoiceView, basename="invoice")
router.register("shipments", ShipmentView, basename="shipment")
router.register("vouchers", VoucherView, basename="voucher")
router.register("refunds", RefundView, basename="refund")

urlpatterns = [
    # First: the addresses where every tenth of a millisecond was asked for.
    *(
        path(
            f"webhooks/{sender}/<uuid:account_id>/",
            CarrierWebhookView.as_view(),
            {"provider": sender},
            name="carrier-webhook",
        )
        for sender in senders()
    ),
    path("webhooks/<str:provider>/<uuid:account_id>/", WebhookView.as_view(), name="webhook"),
    path("", include(router.urls)),
    path("quotes/", QuotesView.as_view(), name="quote-list"),
    path("checkout/", CheckoutView.as_view(), name="checkout"),
    path("payments/", PaymentsView.as_view(), name="payment-list"),
    re_path(f"^payments/(?P<token>{SIGNED})/$", PaymentView.as_view(), name="payment-detail"),
    re_path(
        f"^orders/by-token/(?P<token>{SIGNED})/$", OrderByTokenView.as_view(), name="order-by-token"
    ),
    path("token/", SignInView.as_view(), name="token"),
    path("token/refresh/", RefreshView.as_view(), name="token-refresh"),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", DocsView.as_view(), name="docs"),
    # Last: whatever else is asked for gets an answer in the API's own shape.
    re_path("", UnknownAddress.as_view(), name="unknown"),
]
