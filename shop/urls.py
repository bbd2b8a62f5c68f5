"""Addresses of the shop."""

from django.urls import path

from .storefront import alert_views, views, wish_views
from .storefront.post_urls import urlpatterns as post_patterns
from .storefront.site_urls import urlpatterns as page_patterns

app_name = "shop"
urlpatterns = [
    path("", views.home, name="home"),
    path("productos/", views.product_list, name="product-list"),
    path("productos/<slug:slug>/", views.product, name="product-detail"),
    path("categorias/<slug:slug>/", views.category, name="category-detail"),
    path("buscar/", views.search_results, name="search"),
    path("buscar/sugerencias/", views.search_suggestions, name="search-suggestions"),
    *post_patterns,
    path("avisos/", alert_views.ask, name="alert-ask"),
    path("avisos/<str:token>/confirmar/", alert_views.confirm, name="alert-confirm"),
    path("avisos/<str:token>/parar/", alert_views.stop, name="alert-stop"),
    path("favoritos/", wish_views.detail, name="wishlist"),
    path("favoritos/cambiar/", wish_views.change, name="wish-change"),
    *page_patterns,
]
