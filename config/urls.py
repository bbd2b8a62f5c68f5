"""Every address of Kaiu, by app."""

from django.urls import include, path

urlpatterns = [
    path("cuenta/", include("shop.accounts.urls")),
    path("practica/correo/", include("shop.accounts.practice_urls")),
    path("", include("shop.urls")),
]
