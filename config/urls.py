"""Every address of Kaiu, by app."""

from django.urls import include, path

from config import health
from shop.admin.site import site as back_office

handler404 = "shop.storefront.errors.page_not_found"
handler500 = "shop.storefront.errors.server_error"

urlpatterns = [
    path("healthz", health.alive, name="health-alive"),
    path("readyz", health.ready, name="health-ready"),
    path("metrics", health.count, name="health-metrics"),
    path("api/", include("config.api_urls")),
    path("cuenta/", include("shop.accounts.urls")),
    path("practica/correo/", include("shop.accounts.practice_urls")),
    path("practica/pago/", include("orders.practice.urls")),
    path("admin/", back_office.urls),
    path("", include("orders.urls")),
    path("", include("shop.urls")),
]
