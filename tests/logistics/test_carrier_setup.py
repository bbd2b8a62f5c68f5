"""Setting up delivery in the back-office: carriers with their keys, places of dispatch, parcels."""

import pytest
from django.db import connection
from django.utils import timezone, translation

from logistics.models import CarrierAccount, DeliverySettings, Origin
from shop.admin.site import site
from shop.models import AuditEntry
from tests import make
from tests.logistics.carriers import stub_envia
from tests.orders.payments import stub
from tests.shop.admin.back_office import client_of, errors_of, send

ACCOUNTS = "/admin/logistics/carrieraccount/"
ORIGINS = "/admin/logistics/origin/"
PARCELS = "/admin/logistics/deliverysettings/"
KEY = "envia-SECRETO-123"


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
def account(organization):
    return make.carrier_account("envia", secrets={"api_key": KEY})


def page_of(account) -> str:
    return f"{ACCOUNTS}{account.pk}/change/"


def read(client, path: str) -> str:
    return client.get(path, follow=True).content.decode()


def test_a_key_goes_in_and_is_in_no_row_no_page_no_log_and_no_error(owner, account, caplog):
    send(owner, page_of(account), setting_api_key="envia-NUEVO-9", setting_carriers="tcc")

    kept = CarrierAccount.objects.get()
    assert (kept.secrets, kept.settings["carriers"]) == ({"api_key": "envia-NUEVO-9"}, "tcc")
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(account)::text FROM logistics_carrieraccount account")
        dump = cursor.fetchone()[0]
    told = [
        dump,
        read(owner, page_of(account)),
        read(owner, ACCOUNTS),
        read(owner, f"{ACCOUNTS}{account.pk}/history/"),
        str(list(AuditEntry.objects.values())),
        str(kept),
        repr(kept),
        caplog.text,
    ]
    assert not any("NUEVO" in text or "SECRETO" in text for text in told)
    assert AuditEntry.objects.get().changes["secrets"] == [None, ["API key"]]


def test_a_carrier_is_chosen_first_and_then_says_what_it_needs(owner, organization):
    send(owner, f"{ACCOUNTS}add/", provider="envia", name="Envíos")

    account = CarrierAccount.objects.get()
    # A shop in test mode begins with test keys.
    assert (account.is_live, account.is_active) == (False, True)
    page = read(owner, page_of(account))
    assert "Fill in “API key”." in page
    assert "add a place of dispatch" in page
    assert f"/api/webhooks/envia/{account.pk}/" in page


def test_live_keys_wait_for_a_live_shop_and_test_keys_end_with_it(account, organization):
    make.origin()
    problems_of = site._registry[CarrierAccount].problems_of
    account.is_live = True
    [waiting] = problems_of(account)
    assert "Live keys wait" in waiting

    organization.is_live = True
    assert problems_of(account) == []

    account.is_live = False
    [ended] = problems_of(account)
    assert "a test account is not used" in ended


def test_the_carrier_is_asked_whether_it_works_and_the_answer_is_kept_and_told(
    owner, account, settings
):
    make.origin()
    with stub.running(stub_envia.EnviaStub()) as carrier:
        carrier.use_in(settings)
        answer = owner.post(f"{ACCOUNTS}{account.pk}/comprobar/", follow=True)
        assert "does not know these keys in this mode" in answer.content.decode()
        assert CarrierAccount.objects.get().problem
        assert AuditEntry.objects.get().changes.keys() == {"problem"}

        account.secrets = {"api_key": stub_envia.KEY}
        account.settings = {"carriers": "tcc"}
        account.save()
        answer = owner.post(f"{ACCOUNTS}{account.pk}/comprobar/", follow=True)
        assert "the keys work" in answer.content.decode()
        assert CarrierAccount.objects.get().problem == ""
        asked = len(carrier.heard)

        # What cannot work is not sent anywhere.
        CarrierAccount.objects.update(secrets={})
        owner.post(f"{ACCOUNTS}{account.pk}/comprobar/")
        assert len(carrier.heard) == asked


def test_who_only_looks_asks_no_carrier_and_changes_nothing(account):
    manager = client_of("manager")

    assert KEY not in read(manager, page_of(account))
    assert manager.post(page_of(account), {"name": "x"}).status_code == 403
    assert manager.post(f"{ACCOUNTS}{account.pk}/comprobar/").status_code == 403
    assert client_of("warehouse").get(ACCOUNTS).status_code == 403


def test_the_table_of_words_shows_what_each_carrier_means(owner, organization):
    page = read(owner, f"{ACCOUNTS}palabras/")

    assert "OUT-FOR-DELIVERY" in page
    assert "En tránsito" in page
    assert "Out for delivery" in page


def test_a_place_of_dispatch_is_written_by_name_and_one_is_the_usual_one(owner, organization):
    typed = {
        "line": "Calle 13 # 20-30",
        "municipality": "medellin",
        "contact_name": "Luis",
        "phone": "300 111 2233",
    }
    send(owner, f"{ORIGINS}add/", name="Bodega", **typed)
    send(owner, f"{ORIGINS}add/", name="Tienda", is_default="on", **typed)

    assert list(Origin.objects.values_list("name", "municipality_id", "is_default")) == [
        ("Tienda", "05001", True),
        ("Bodega", "05001", False),
    ]
    first = Origin.objects.get(name="Bodega")
    answer = send(owner, f"{ORIGINS}{first.pk}/change/", municipality="Cald", closes_at="08:00:00")
    assert set(errors_of(answer)) == {"municipality", "closes_at"}
    answer = send(owner, f"{ORIGINS}{first.pk}/change/", name="Tienda")
    assert set(errors_of(answer)) == {"name"}
    page = read(owner, f"{ORIGINS}{first.pk}/change/")
    assert "Medellín, Antioquia" in page


def test_what_parcels_are_like_has_one_page(owner, organization):
    DeliverySettings.objects.all().delete()
    send(owner, f"{PARCELS}add/", fallback_price="12.900", usual_grams="300")

    kept = DeliverySettings.objects.get()
    assert (kept.fallback_price, kept.usual_grams, kept.free_from) == (1_290_000, 300, None)
    assert owner.get(PARCELS).url == f"{PARCELS}{organization.pk}/change/"
    assert owner.get(f"{PARCELS}add/").url == f"{PARCELS}{organization.pk}/change/"
    answer = send(owner, f"{PARCELS}{organization.pk}/change/", fallback_days_max="1")
    assert set(errors_of(answer)) == {"fallback_days_max"}
