"""A browser for the flows: Debian's Chromium, started once, driven as a person would."""

import importlib
import os

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django_scopes import scope
from playwright.sync_api import sync_playwright

from shop.models import Department
from tests import make

# Playwright runs a loop in this thread, and Django would refuse every query beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def chromium():
    """One browser for all tests; a machine without it fails loudly."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def shop(transactional_db, live_server):
    """An organization that answers at the live server, its scope open for the test."""
    # The test before emptied every table, also those that a migration had filled.
    if not Department.objects.exists():
        importlib.import_module("shop.migrations.0002_places").load_places(apps, None)
    organization = make.organization(host="localhost", name="Tienda de prueba")
    with scope(organization=organization):
        yield organization


class Visit:
    """One person's browser window; says which errors the page met."""

    def __init__(self, context, base_url):
        self.context, self.base_url = context, base_url
        self.page = context.new_page()
        self.errors = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._console)

    def _console(self, message):
        if message.type == "error":
            self.errors.append(message.text)

    def open(self, path):
        """Go to an address of the shop and give the page."""
        self.page.goto(self.base_url + path)
        return self.page

    def sign_in(self, user):
        """Be this person from now on, without the sign-in form (which has flows of its own)."""
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        self.context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "url": self.base_url}]
        )


@pytest.fixture
def visit(chromium, shop, live_server):
    """Give a new window of the size asked for: visit() or visit(PHONE); each is another person."""
    contexts = []

    def _open(size=None, **options):
        context = chromium.new_context(viewport=size or DESK, locale="es-CO", **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        return Visit(context, live_server.url)

    yield _open
    for context in contexts:
        context.close()
