import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape
from django_scopes import scope

from shop.models import Address, Consent, Customer
from tests import make
from tests.shop import places
from tests.shop.signing_in import browser, person, sign_in, text_of

STRANGE = "Ñandú <b>«O'Brien»</b> 数学 😀 עברית"
ADDRESS = {
    "recipient": "Ana Gómez",
    "phone": "300 123 4567",
    "line": "Carrera 7 # 71-21",
    "place": "Cali",
}


@pytest.fixture
def ana(organization):
    """Give a signed-in browser and its customer."""
    places.reload()
    user, client = person(name="Ana"), browser()
    sign_in(client, user)
    client.customer = Customer.objects.get(user=user)
    return client


def profile(**fields):
    fields = {
        "name": "Ana Gómez",
        "phone": "",
        "document_type": "",
        "document_number": "",
        **fields,
    }
    return fields


def test_personal_data_is_kept_as_typed_and_shown_escaped(ana):
    answer = ana.post("/cuenta/datos/", profile(name=STRANGE, phone="300 123 4567"), follow=True)

    customer = Customer.objects.get(pk=ana.customer.pk)
    assert (customer.name, str(customer.phone)) == (STRANGE, "+573001234567")
    assert escape(STRANGE) in text_of(answer)
    assert "<b>«" not in text_of(answer)
    assert customer.reference in text_of(answer)


@pytest.mark.parametrize(
    "typed", ["3001234567", "300 123 4567", "573001234567", "+57 300 1234567", "0057 300 123 4567"]
)
def test_a_phone_is_kept_one_way_however_it_is_typed(ana, typed):
    ana.post("/cuenta/datos/", profile(phone=typed))

    assert str(Customer.objects.get(pk=ana.customer.pk).phone) == "+573001234567"


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", "a" * 121),
        ("name", "Ana\x00"),
        ("name", "Ana\u202eGómez"),
        ("name", ""),
        ("phone", "12"),
        ("phone", "no es un teléfono"),
        ("document_number", "12"),
        ("document_type", "XX"),
    ],
)
def test_what_cannot_be_kept_gets_a_message_beside_its_field_and_nothing_typed_is_lost(
    ana, field, typed
):
    typed_all = profile(phone="300 123 4567", document_type="CC", document_number="1020304050")
    answer = ana.post("/cuenta/datos/", {**typed_all, field: typed})

    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    for name, value in typed_all.items():
        if name not in (field, "document_type"):
            assert f'value="{value}"' in text_of(answer)
    assert Customer.objects.get(pk=ana.customer.pk).name == "Ana"


def test_a_document_needs_its_type_and_a_type_its_number(ana):
    number_only = ana.post("/cuenta/datos/", profile(document_number="1020304050"))
    type_only = ana.post("/cuenta/datos/", profile(document_type="CC"))

    assert list(number_only.context["form"].errors) == ["document_type"]
    assert list(type_only.context["form"].errors) == ["document_number"]
    ana.post("/cuenta/datos/", profile(document_type="NIT", document_number="900.373.076-4"))
    assert Customer.objects.get(pk=ana.customer.pk).document_number == "900373076-4"


def test_an_address_is_added_by_the_name_people_use(ana):
    ana.post("/cuenta/direcciones/nueva/", {**ADDRESS, "notes": STRANGE, "is_default": "on"})

    address = Address.objects.get()
    assert address.municipality_id == "76001"
    assert (address.customer, address.is_default) == (ana.customer, True)
    assert escape(STRANGE) in text_of(ana.get("/cuenta/direcciones/"))


def test_a_name_of_several_places_offers_them_and_keeps_the_rest(ana):
    asked = ana.post("/cuenta/direcciones/nueva/", {**ADDRESS, "place": "la union"})

    assert list(asked.context["form"].errors) == ["place"]
    assert 'value="Carrera 7 # 71-21"' in text_of(asked)
    assert 'name="municipality" value="52399"' in text_of(asked)
    ana.post(
        "/cuenta/direcciones/nueva/", {**ADDRESS, "place": "la union", "municipality": "52399"}
    )
    assert Address.objects.get().municipality_id == "52399"


def test_a_choice_from_an_earlier_text_does_not_count(ana):
    ana.post(
        "/cuenta/direcciones/nueva/", {**ADDRESS, "place": "Medellín", "municipality": "52399"}
    )

    assert Address.objects.get().municipality_id == "05001"


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("place", "Macondo del Mar"),
        ("place", ""),
        ("municipality", "99999"),
        ("line", "x" * 161),
        ("line", "Calle\n1"),
        ("notes", "a\x07b"),
        ("phone", "1"),
        ("postal_code", "12"),
        ("recipient", ""),
    ],
)
def test_a_wrong_address_gets_a_message_beside_its_field(ana, field, typed):
    answer = ana.post("/cuenta/direcciones/nueva/", {**ADDRESS, field: typed})

    assert field in answer.context["form"].errors
    assert not Address.objects.exists()


def test_an_address_is_changed_preferred_and_deleted(ana):
    for line in ("Calle 1", "Calle 2"):
        ana.post("/cuenta/direcciones/nueva/", {**ADDRESS, "line": line})
    first, second = Address.objects.order_by("id")

    form = ana.get(f"/cuenta/direcciones/{first.pk}/").context["form"]
    assert form.initial["place"] == "Santiago de Cali, Valle del Cauca"
    again = {**ADDRESS, "line": "Calle 9", "place": form.initial["place"], "is_default": "on"}
    ana.post(f"/cuenta/direcciones/{first.pk}/", again)
    first.refresh_from_db()
    assert (first.line, first.municipality_id, first.is_default) == ("Calle 9", "76001", True)
    ana.post(f"/cuenta/direcciones/{second.pk}/preferida/")
    assert Address.objects.get(is_default=True) == second
    ana.post(f"/cuenta/direcciones/{second.pk}/borrar/")
    assert list(Address.objects.all()) == [first]


def test_nobody_touches_the_address_of_another(ana, organization):
    foreign = Address.objects.create(
        customer=make.customer(),
        municipality_id="76001",
        recipient="x",
        line="Calle 1",
        phone="+573001234567",
    )
    with scope(organization=make.organization()):
        abroad = Address.objects.create(
            customer=make.customer(),
            municipality_id="76001",
            recipient="x",
            line="Calle 1",
            phone="+573001234567",
        )

    for address in (foreign, abroad):
        base = f"/cuenta/direcciones/{address.pk}/"
        assert ana.get(base).status_code == 404
        assert ana.post(base, ADDRESS).status_code == 404
        assert ana.post(f"{base}preferida/").status_code == 404
        assert ana.post(f"{base}borrar/").status_code == 404
    assert ana.get(f"{base}borrar/").status_code == 405
    assert Address.objects.filter(pk=foreign.pk, line="Calle 1").exists()


@pytest.mark.parametrize("path", ["/cuenta/direcciones/", "/cuenta/"])
def test_pages_of_addresses_ask_the_database_the_same_for_one_and_three(ana, path):
    def ask():
        with CaptureQueriesContext(connection) as asked:
            ana.get(path)
        return len(asked)

    ana.post("/cuenta/direcciones/nueva/", ADDRESS)
    ask()
    one = ask()
    for _address in range(2):
        ana.post("/cuenta/direcciones/nueva/", ADDRESS)

    assert ask() == one


def test_places_are_suggested_while_typing(organization):
    places.reload()
    client = browser()

    found = text_of(client.get("/cuenta/lugares/", {"place": "carta"}))

    assert "Cartagena" in found
    assert 'value="13001"' in found
    assert "radio" not in text_of(client.get("/cuenta/lugares/"))
    assert client.get("/cuenta/lugares/", {"place": "\x00" * 500}).status_code == 200


def test_news_are_agreed_to_apart_and_given_up_at_once(ana):
    ana.post("/cuenta/permisos/", {"purpose": "marketing", "agrees": "on"})
    consent = Consent.objects.get(purpose="marketing")
    assert consent.address == ana.defaults["REMOTE_ADDR"]
    assert consent.withdrawn_at is None

    ana.post("/cuenta/permisos/", {"purpose": "marketing"})

    consent.refresh_from_db()
    assert consent.withdrawn_at is not None
    assert ana.post("/cuenta/permisos/", {"purpose": "terms", "agrees": "on"}).status_code == 404


def test_who_has_an_account_from_another_shop_is_asked_about_their_data_here(ana):
    assert ana.get("/cuenta/").context["needs_privacy"] is True

    ana.post("/cuenta/permisos/", {"purpose": "privacy", "agrees": "on"})

    assert ana.get("/cuenta/").context["needs_privacy"] is False


def test_a_banned_customer_still_signs_in_and_reads(ana):
    Customer.objects.update(status=Customer.Status.BANNED)

    assert ana.get("/cuenta/").status_code == 200


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_page_of_an_account_opens_in_both_languages(ana, language):
    ana.cookies["kaiu_language"] = language
    pages = ["", "datos/", "direcciones/", "direcciones/nueva/", "permisos/", "ingreso/"]
    for page in [*pages, "organizaciones/", "correo/", "clave/cambiar/", "segundo-paso/", "salir/"]:
        answer = ana.get(f"/cuenta/{page}")
        assert answer.status_code == 200
        assert f'<html lang="{language}"' in text_of(answer)
