"""Every address of Kaiu, by app."""

from django.urls import include, path

urlpatterns = [
    path("", include("shop.urls")),
]
