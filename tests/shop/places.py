"""The municipalities, also after a test with threads, which empties every table."""

from importlib import import_module

from django.apps import apps

from shop.models import Municipality


def reload() -> dict[str, Municipality]:
    """Give every municipality by its code, loading them again when they are gone."""
    if not Municipality.objects.exists():
        import_module("shop.migrations.0002_places").load_places(apps, None)
    return Municipality.objects.in_bulk()
