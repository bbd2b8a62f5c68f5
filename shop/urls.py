"""Addresses of the shop."""

app_name = "shop"
urlpatterns = []
