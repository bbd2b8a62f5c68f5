"""Both demo shops, loaded once for all tests of what stands in them."""

import pytest
from django.db import connection
from django_scopes import scope

from shop.demo import loading, removing
from shop.models import Organization

PASSWORD = "una clave de prueba"
# Of pictures, in pixels: nobody looks at them.
WIDTH = 40


@pytest.fixture(scope="package")
def demo(django_db_setup, django_db_blocker):
    """Load both demo shops; tests that change them are rolled back."""
    with django_db_blocker.unblock():
        loading.load(password=PASSWORD, width=WIDTH)
        with connection.cursor() as cursor:
            # What came all at once is known to the planner only a minute later.
            cursor.execute("ANALYZE")
    yield
    with django_db_blocker.unblock():
        removing.remove()


@pytest.fixture
def kaiu(demo, db):
    organization = Organization.objects.get(slug="kaiu")
    with scope(organization=organization):
        yield organization
