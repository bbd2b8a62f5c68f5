"""Loading the demo where something is already."""

from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from shop.demo import loading
from shop.models import Organization, User
from tests import make

PASSWORD = "una clave de prueba"


def files() -> set[Path]:
    return {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


def test_a_database_with_a_shop_is_not_empty(db):
    make.organization()
    out = StringIO()

    call_command("load_demo", if_empty=True, stdout=out)

    assert Organization.objects.count() == 1
    assert out.getvalue() == ""


def test_a_host_that_has_a_shop_already_is_named(db):
    make.organization(host="localhost")

    with pytest.raises(CommandError, match="localhost"):
        call_command("load_demo")

    assert Organization.objects.count() == 1


def test_a_failed_load_leaves_no_rows_and_no_files(db):
    other = make.organization(slug="kaiu")
    drawn = files()

    with pytest.raises(TypeError, match="Password"):
        loading.load(password=12, width=40)

    assert list(Organization.objects.all()) == [other]
    assert not User.objects.filter(is_demo=True).exists()
    assert files() == drawn


def test_somebody_with_a_demo_address_keeps_name_and_password(db):
    mine = make.user(email="bodega@kaiu.example", name="Rosa")

    loading._person("bodega@kaiu.example", "Jhon Fredy Mosquera", PASSWORD)

    mine.refresh_from_db()
    assert (mine.name, mine.is_demo) == ("Rosa", False)
    assert mine.check_password(make.PASSWORD)
