"""Addresses of buying: cart, checkout and orders, by subject."""

from django.urls import path

from . import document_views
from .storefront.cart_urls import urlpatterns as cart_patterns
from .storefront.order_urls import urlpatterns as order_patterns
from .storefront.subscription_urls import urlpatterns as subscription_patterns

app_name = "orders"
urlpatterns = [
    *cart_patterns,
    *subscription_patterns,
    *order_patterns,
    path("pedidos/<str:token>/documento.pdf", document_views.buyer_document, name="order-document"),
]
