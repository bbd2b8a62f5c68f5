"""Who works with orders in these tests, in English and in the shop's time."""

import pytest
from django.utils import timezone, translation

from tests.shop.admin.back_office import client_of


@pytest.fixture(autouse=True)
def _english(organization):
    organization.language = "en"
    organization.save(update_fields=["language"])
    with translation.override("en"), timezone.override(organization.timezone):
        yield


@pytest.fixture
def owner(organization):
    return client_of("owner")


@pytest.fixture
def warehouse(organization):
    return client_of("warehouse")
