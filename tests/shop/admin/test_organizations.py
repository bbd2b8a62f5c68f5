"""Organizations, as their owners and the operators see them."""

import pytest
from django.test import Client
from django_scopes import scope

from shop.models import AuditEntry, Membership, Organization
from tests import make
from tests.shop.admin.back_office import change, errors_of, send


@pytest.fixture
def operator(organization):
    client = Client()
    client.user = make.user(is_superuser=True)
    client.force_login(client.user)
    return client


def test_an_owner_edits_their_own_shop_and_its_logo(owner, organization):
    send(owner, change(organization), tagline="Bienestar", logo_file=make.picture_file())

    organization.refresh_from_db()
    assert organization.tagline == "Bienestar"
    assert organization.logo["widths"] == [320, 640, 800]


@pytest.mark.parametrize(
    ("field", "typed"),
    [("brand_colour", "red"), ("timezone", "Bogotá"), ("currency", "XXX"), ("about", "a\x00b")],
)
def test_bad_data_of_a_shop_is_refused_beside_its_field(owner, organization, field, typed):
    response = send(owner, change(organization), **{field: typed})

    assert list(errors_of(response)) == [field]


def test_an_owner_sees_no_other_organization(owner, organization):
    other = make.organization()

    assert owner.get("/admin/shop/organization/").url == change(organization)
    assert owner.get(change(other)).status_code == 404


def test_an_operator_opens_and_closes_organizations_and_each_act_is_logged(operator):
    other = make.organization()

    listed = operator.get("/admin/shop/organization/").context["cl"].result_list
    operator.post(f"/admin/shop/organization/{other.pk}/abrir-cerrar/")

    assert other in listed
    other.refresh_from_db()
    assert other.is_active is False
    with scope(organization=other):
        entry = AuditEntry.objects.get()
    assert (entry.actor, entry.changes) == (operator.user, {"is_active": [True, False]})


def test_an_operator_creates_an_organization_with_its_owner(operator):
    send(
        operator,
        "/admin/shop/organization/add/",
        name="Café La Vereda",
        slug="cafe",
        host="cafe.localhost",
        owner_email="duena@example.com",
    )

    made = Organization.objects.get(slug="cafe")
    assert made.domains.get().host == "cafe.localhost"
    with scope(organization=made):
        assert Membership.objects.get().user.email == "duena@example.com"


def test_an_operator_verifies_a_domain(operator):
    other = make.organization()
    domain = other.domains.create(host="nuevo.example.com")

    operator.post(f"/admin/shop/domain/{domain.pk}/verificar/")

    domain.refresh_from_db()
    assert domain.verified_at is not None
    with scope(organization=other):
        assert AuditEntry.objects.get().model == "domain"
