"""Addresses of buying: cart, checkout and orders, by subject."""

app_name = "orders"
urlpatterns = []
