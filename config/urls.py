"""Every address of Kaiu, by app."""

from django.urls import include, path

from shop.admin.site import site as back_office

urlpatterns = [
    path("api/", include("config.api_urls")),
    path("cuenta/", include("shop.accounts.urls")),
    path("practica/correo/", include("shop.accounts.practice_urls")),
    path("admin/", back_office.urls),
    path("", include("shop.urls")),
]
