"""Bare views: one indexed query and a template of the same size, or one read of the cache."""

from functools import cache

import redis
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django_scopes import scopes_disabled

from config.lib.fields import uuid7
from shop.models import Category, Organization, Product

_FIELDS = ("slug", "name", "summary", "listing_price", "listing_compare_at_price", "is_available")


@cache
def _organization(slug: str):
    return Organization.objects.get(slug=slug).pk


@cache
def _category(organization: str, slug: str):
    with scopes_disabled():
        return Category.objects.get(organization_id=_organization(organization), slug=slug).pk


@cache
def _valkey():
    return redis.Redis.from_url(settings.REDIS_URL)


def product(request, organization, slug):
    with scopes_disabled():
        row = Product.objects.filter(organization_id=_organization(organization), slug=slug).values(
            *_FIELDS
        )[0]
    return render(None, "product.html", row)


def product_list(request, organization):
    with scopes_disabled():
        rows = Product.objects.filter(
            organization_id=_organization(organization), is_active=True, listing_price__isnull=False
        ).order_by("-published_at", "-id")
        return render(None, "list.html", {"cards": list(rows.values(*_FIELDS)[:24])})


def category(request, organization, slug):
    with scopes_disabled():
        rows = Product.objects.filter(
            category_id=_category(organization, slug), is_active=True, listing_price__isnull=False
        ).order_by("-published_at", "-id")
        return render(None, "list.html", {"cards": list(rows.values(*_FIELDS)[:24])})


def page(request, organization, name):
    """Answer with a template of the size of a page of the same name, and one row in it."""
    with scopes_disabled():
        row = Product.objects.filter(
            organization_id=_organization(organization), slug="producto-7"
        ).values(*_FIELDS)[0]
    return render(None, f"{name}.html", row)


def kept(request, name):
    """Answer with a page of the same size read from the same cache."""
    return HttpResponse(_valkey().get(f"bench:{name}"))


def notice(request, account_id):
    """Insert one row with the body of the request."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_NOTICE, [uuid7(), account_id, uuid7().hex, request.body.decode(), now, now])
    return HttpResponse()


_NOTICE = """
INSERT INTO orders_gatewayevent (id, account_id, event_id, kind, reference, transaction_id,
    payload, received_at, tries, try_at, error)
VALUES (%s::uuid, %s::uuid, %s, '', '', '', %s::jsonb, %s::timestamptz, 0, %s::timestamptz, '')
"""
urlpatterns = [
    path("<slug:organization>/productos/<slug:slug>/", product),
    path("<slug:organization>/productos/", product_list),
    path("<slug:organization>/categorias/<slug:slug>/", category),
    path("notice/<uuid:account_id>/", notice),
    path("<slug:organization>/page/<slug:name>/", page),
    path("kept/<slug:name>/", kept),
]
