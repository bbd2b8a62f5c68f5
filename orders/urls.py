"""Addresses of buying: cart, checkout and orders, by subject."""

from django.urls import path

from . import document_views

app_name = "orders"
urlpatterns = [
    path("pedidos/<str:token>/documento.pdf", document_views.buyer_document, name="order-document"),
]
