"""What a shop lacks before it sells for real is named, and where to mend it."""

import os
import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone, translation

from config import parts
from config.lib import memory
from orders.models import PaymentAccount
from shop import readiness
from shop.models import Domain
from tests import make
from tests.orders.payments import wompi_stub
from tests.shop.admin.back_office import change, client_of, errors_of, send

LEGAL = {
    "legal_name": "Tienda Uno SAS",
    "tax_id": "900373076-4",
    "address_line": "Carrera 7 # 71-21",
    "city": "Bogotá",
    "email": "hola@tienda.co",
    "phone": "+573001234567",
}
LIVE = {
    "private_key": "prv_prod_EJEMPLO",
    "events_secret": "prod_events_EJEMPLO0123456789abcdef",
    "integrity_secret": "prod_integrity_EJEMPLO0123456789abcdef",
}


def wrong(organization) -> dict[str, tuple]:
    with translation.override("en"):
        found = readiness.points(organization)
    return {point.subject: point.problems for point in found if point.problems}


def make_ready(organization, settings, tmp_path) -> PaymentAccount:
    for field, value in LEGAL.items():
        setattr(organization, field, value)
    organization.is_live = True
    organization.save()
    organization.domains.all().delete()
    Domain.objects.create(
        organization=organization, host="tienda.co", is_primary=True, verified_at=timezone.now()
    )
    make.product(variants=1)
    make.national_rate()
    settings.MAIL_DELIVERY_BACKEND = "anymail.backends.resend.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = "Tienda <hola@tienda.co>"
    settings.IS_HTTPS = True
    settings.BACKUP_STAMP = tmp_path / "last-backup"
    settings.BACKUP_STAMP.touch()
    return make.payment_account(
        "wompi", is_live=True, settings={"public_key": "pub_prod_EJEMPLO"}, secrets=LIVE
    )


def test_a_new_shop_lacks_everything(organization, settings, tmp_path):
    settings.BACKUP_STAMP = tmp_path / "never"
    make.payment_account("practice")

    found = wrong(organization)

    assert set(found) == {
        "Legal data",
        "Domain",
        "Products",
        "Ways to pay",
        "Delivery",
        "E-mail",
        "Safe connection",
        "Backup",
    }
    assert "Write the tax number (NIT)." in found["Legal data"]
    assert found["Ways to pay"] == ("No way to pay takes real money: add one with live keys.",)


def test_a_shop_that_has_everything_lacks_nothing(organization, settings, tmp_path):
    make_ready(organization, settings, tmp_path)

    assert wrong(organization) == {}


@pytest.mark.parametrize("is_live", [True, False])
def test_keys_of_the_wrong_mode_are_named(organization, settings, tmp_path, is_live):
    account = make_ready(organization, settings, tmp_path)
    PaymentAccount.objects.filter(pk=account.pk).delete()
    # Live keys are called test ones, or the reverse.
    keys = (wompi_stub.SETTINGS, wompi_stub.SECRETS)
    if not is_live:
        keys = ({"public_key": "pub_prod_EJEMPLO"}, LIVE)
    make.payment_account(
        "wompi", name="Tarjeta", is_live=is_live, settings=keys[0], secrets=keys[1]
    )

    problems = wrong(organization)["Ways to pay"]

    assert problems[0] == "No way to pay takes real money: add one with live keys."
    assert any(problem.startswith("Tarjeta: ") for problem in problems[1:])


@pytest.mark.parametrize(
    ("host", "is_public"),
    [("miexample.com", True), ("example.com", False), ("tienda.example.com", False)],
)
def test_only_an_address_that_the_world_can_reach_will_do(
    organization, settings, tmp_path, host, is_public
):
    make_ready(organization, settings, tmp_path)
    organization.domains.update(host=host)

    assert ("Domain" not in wrong(organization)) == is_public


def test_an_old_backup_is_named(organization, settings, tmp_path):
    make_ready(organization, settings, tmp_path)
    long_ago = time.time() - 9 * 86_400
    os.utime(settings.BACKUP_STAMP, (long_ago, long_ago))

    assert wrong(organization) == {"Backup": ("The last backup is 9 days old.",)}


def test_the_page_links_to_what_a_person_may_mend(organization, client):
    owner, viewer = make.member("owner"), make.member("viewer")
    client.force_login(owner)
    shown = client.get("/admin/antes-de-abrir/").content.decode()

    assert "/admin/orders/paymentaccount/" in shown.partition('class="points"')[2]
    # Domains belong to the operator.
    assert "/admin/shop/domain/" not in shown
    client.force_login(viewer)
    assert client.get("/admin/antes-de-abrir/").status_code == 403


def test_the_command_names_everything_and_fails(organization, settings, tmp_path, monkeypatch):
    settings.BACKUP_STAMP = tmp_path / "never"
    said = StringIO()

    with pytest.raises(CommandError, match="points are not ready"):
        call_command("check_ready", organization=organization.slug, stdout=said)

    lines = said.getvalue().splitlines()
    assert f"{organization.slug} · Domain: testserver is not" not in lines
    assert any(line.startswith(f"{organization.slug} · Backup: ") for line in lines)
    assert any(line.startswith("installation · workers: ") for line in lines)

    make_ready(organization, settings, tmp_path)
    monkeypatch.setattr(parts, "look", lambda: {"database": {"ok": True}})
    said = StringIO()
    call_command("check_ready", organization=organization.slug, stdout=said)
    assert said.getvalue() == "Everything is ready.\n"


def test_a_shop_that_cannot_sell_does_not_go_live(organization, settings, tmp_path):
    organization.language = "en"
    organization.save()
    owner = client_of("owner")
    page = change(organization)

    refused = send(owner, page, is_live="on", **LEGAL)

    said = errors_of(refused)["is_live"]
    assert said[0] == "This shop cannot sell yet, so it stays in test mode:"
    # What the same form writes is not missing any more.
    assert set(said[1:]) == {
        "Add a product and make it active.",
        "No way to pay takes real money: add one with live keys.",
        "Nothing can be delivered: add a table of rates.",
    }
    organization.refresh_from_db()
    assert not organization.is_live

    make_ready(organization, settings, tmp_path)
    Domain.objects.update(host="testserver")
    organization.is_live = False
    organization.save()
    memory.clear_all()
    send(owner, page, is_live="on")
    organization.refresh_from_db()
    assert organization.is_live


def test_whoever_opens_a_live_shop_again_reads_what_it_lacks(organization, settings):
    closed = make.organization(is_live=True, is_active=False, language="en")
    operator = client_of("owner", is_superuser=True)
    operator.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"

    page = operator.get(f"/admin/shop/organization/{closed.pk}/abrir-cerrar/").content.decode()

    assert "cannot sell" in page
    assert "Add a product and make it active." in page
