"""Addresses of placed orders: a token opens each of them, a number only the coarse state."""

from django.urls import path

from . import offer_views
from . import order_views as views

urlpatterns = [
    path("pedidos/", views.order_track, name="order-track"),
    path("pedidos/comprobantes/<uuid:pk>/", views.proof_file, name="proof-file"),
    path("pedidos/<str:token>/", views.order_detail, name="order-detail"),
    path("pedidos/<str:token>/estado/", views.order_status, name="order-status"),
    path("pedidos/<str:token>/aceptar/", views.order_agree, name="order-agree"),
    path("pedidos/<str:token>/pagar/", views.order_pay, name="order-pay"),
    path("pedidos/<str:token>/regreso/", views.order_return, name="order-return"),
    path("pedidos/<str:token>/comprobante/", views.order_proof, name="order-proof"),
    path(
        "pedidos/<str:token>/confirmar/<str:confirmation_token>/",
        views.order_confirm,
        name="order-confirm",
    ),
    path("pedidos/<str:token>/cancelar/", views.order_cancel, name="order-cancel"),
    path("pedidos/<str:token>/cambiar/", views.order_change, name="order-change"),
    path("pedidos/<str:token>/repetir/", views.order_again, name="order-again"),
    path("pedidos/<str:token>/oferta/", offer_views.order_leave_out, name="order-leave-out"),
    path("pedidos/<str:token>/oferta/<uuid:pk>/", offer_views.order_offer, name="order-offer"),
    path(
        "pedidos/<str:token>/devolucion/", views.order_return_request, name="order-return-request"
    ),
    path("cuenta/pedidos/", views.order_list_view, name="order-list"),
]
