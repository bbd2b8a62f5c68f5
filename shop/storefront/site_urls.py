"""Addresses of the pages and files that every shop has."""

from django.urls import path, re_path

from . import site_views as views

urlpatterns = [
    path("paginas/<slug:slug>/", views.page, name="page-detail"),
    path("marca.css", views.stylesheet, name="brand-stylesheet"),
    path("iconos/<slug:name>.png", views.icon, name="icon-detail"),
    # Pictures alone: other files a shop keeps are nobody else's business.
    re_path(r"^media/(?P<path>pictures/[\w/-]+\.webp)$", views.media, name="media"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("sw.js", views.service_worker_script, name="service-worker"),
    path("sin-conexion/", views.offline, name="offline"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("sitemap-paginas.xml", views.sitemap_pages, name="sitemap-pages"),
    path("sitemap-blog.xml", views.sitemap_posts, name="sitemap-posts"),
    path("sitemap-productos-<uuid:first>.xml", views.sitemap_products, name="sitemap-products"),
    path("visitante/", views.visitor, name="visitor"),
    path("idioma/<slug:code>/", views.choose_language, name="language-choose"),
    path("vista/<slug:kind>/", views.choose_view, name="view-choose"),
]
