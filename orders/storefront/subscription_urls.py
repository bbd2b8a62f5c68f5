"""Addresses of subscriptions and saved cards."""

from django.urls import path

from . import card_views, subscription_views

urlpatterns = [
    path("pedidos/<str:token>/tarjeta/", card_views.order_card, name="order-card"),
    path(
        "suscripciones/<str:token>/",
        subscription_views.subscription_detail,
        name="subscription-detail",
    ),
    path(
        "suscripciones/<str:token>/cambiar/",
        subscription_views.subscription_change,
        name="subscription-change",
    ),
    path("cuenta/suscripciones/", subscription_views.subscription_list, name="subscription-list"),
    path("cuenta/tarjetas/<uuid:pk>/quitar/", subscription_views.card_remove, name="card-remove"),
]
