"""Organizations, as their owners and the operators see them."""

from datetime import date

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from orders.models import DailySales
from shop.models import AuditEntry, Membership, Organization
from shop.organizations import Activity
from tests import make
from tests.shop.admin.back_office import change, client_of, errors_of, send


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
        added = AuditEntry.objects.get()
    assert (added.actor, added.action, added.model) == (operator.user, "added", "organization")
    sent = mail.outbox[-1]
    assert sent.to == ["duena@example.com"]
    assert "http://cafe.localhost/" in sent.body.replace(f":{settings.PORT}", "")
    assert "Café La Vereda" in sent.subject + sent.body


@pytest.mark.parametrize(
    ("field", "typed"),
    [("slug", "tienda-uno"), ("host", "una.localhost"), ("host", "a b"), ("owner_email", "x")],
)
def test_a_new_organization_takes_nobodys_name_or_address(operator, field, typed):
    make.organization(slug="tienda-uno", host="una.localhost")
    asked = {"name": "N", "slug": "n", "host": "n.localhost", "owner_email": "a@example.com"}

    response = send(operator, "/admin/shop/organization/add/", **{**asked, field: typed})

    assert list(errors_of(response)) == [field]
    assert mail.outbox == []


def test_the_list_says_how_active_each_organization_is(operator, organization):
    other = make.organization(host="otra.localhost", plan="scale")
    with scope(organization=other):
        make.member("owner")
        for day, count in ((date(2026, 1, 5), 90), (timezone.localdate(), 4)):
            DailySales.objects.create(
                organization=other,
                day=day,
                is_test=False,
                orders_placed=count,
                orders_paid=0,
                sales=0,
                refunds=0,
            )

    listed = operator.get("/admin/shop/organization/")

    rows = {row.pk: row.activity for row in listed.context["cl"].result_list}
    assert rows[other.pk] == Activity(staff=1, orders=4, last_order_on=timezone.localdate())
    assert rows[organization.pk] == Activity()
    assert "otra.localhost" in listed.content.decode()


@pytest.mark.parametrize("role", ["owner", "viewer"])
def test_the_pages_of_operators_are_for_nobody_else(organization, role):
    other = make.organization()
    member = client_of(role)
    pages = [
        "/admin/shop/organization/add/",
        f"/admin/shop/organization/{other.pk}/change/",
        f"/admin/shop/organization/{other.pk}/abrir-cerrar/",
        f"/admin/shop/organization/{other.pk}/correo-de-prueba/",
        "/admin/shop/domain/",
        "/admin/shop/domain/add/",
    ]

    assert {member.post(page).status_code for page in pages} <= {403, 404}
    other.refresh_from_db()
    assert other.is_active


def test_an_operator_verifies_a_domain(operator):
    other = make.organization()
    domain = other.domains.create(host="nuevo.example.com")

    operator.post(f"/admin/shop/domain/{domain.pk}/verificar/")

    domain.refresh_from_db()
    assert domain.verified_at is not None
    with scope(organization=other):
        assert AuditEntry.objects.get().model == "domain"
