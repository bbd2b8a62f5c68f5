"""Addresses of the blog and the rituals."""

from django.urls import path

from . import post_views as views
from .views import preview as home_preview

urlpatterns = [
    path("blog/", views.blog, name="blog"),
    path("blog/rss.xml", views.feed, name="blog-feed"),
    path("blog/categoria/<slug:slug>/", views.category, name="blog-category"),
    path("blog/etiqueta/<slug:slug>/", views.tag, name="blog-tag"),
    path("blog/<slug:slug>/", views.article, name="post-detail"),
    path("rituales/", views.rituals, name="ritual-list"),
    path("rituales/<slug:slug>/", views.ritual, name="ritual-detail"),
    path("vista-previa/inicio/<str:token>/", home_preview, name="front-preview"),
    path("vista-previa/<str:token>/", views.preview, name="post-preview"),
]
