"""Addresses of the cart and the checkout."""

from django.urls import path

from . import cart_views, checkout_views, several_views

urlpatterns = [
    path("carrito/", cart_views.detail, name="cart-detail"),
    path("carrito/agregar/", cart_views.add, name="cart-add"),
    path("carrito/agregar-varios/", several_views.add, name="cart-add-several"),
    path("carrito/cambiar/", cart_views.change, name="cart-change"),
    path("carrito/quitar/", cart_views.remove, name="cart-remove"),
    path("carrito/cupon/", cart_views.voucher, name="cart-voucher"),
    path("carrito/cuenta/", cart_views.count, name="cart-count"),
    path("carrito/recuperar/<str:token>/", cart_views.restore, name="cart-restore"),
    path("checkout/", checkout_views.page, name="checkout"),
    path("checkout/entrega/", checkout_views.delivery, name="checkout-delivery"),
]
