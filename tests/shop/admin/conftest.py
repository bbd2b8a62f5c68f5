"""Who works in the back-office of these tests, in English."""

import pytest
from django.utils import translation

from tests.shop.admin.back_office import client_of


@pytest.fixture(autouse=True)
def _english():
    # The clients speak English too: messages are compared with those of the code.
    with translation.override("en"):
        yield


@pytest.fixture
def owner(organization):
    organization.language = "en"
    organization.save(update_fields=["language"])
    return client_of("owner")
