import re
from io import StringIO

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django_scopes import scope, scopes_disabled

from shop import organizations
from shop.models import Membership, Organization, User
from shop.roles import Role
from tests import make
from tests.shop.signing_in import (
    browser,
    last_mail,
    link_in,
    new_email,
    person,
    sign_in,
    signed_in,
    text_of,
)

CHOOSE = "/cuenta/organizaciones/"


def member(user, *places, role=Role.MANAGER):
    for place in places:
        with scope(organization=place):
            Membership.objects.create(organization=place, user=user, role=role)
    return user


def hand_over(client, target) -> str:
    """Choose an organization and give the path that the person arrives at."""
    with scope(organization=target):
        membership = Membership.objects.get(organization=target)
    page = text_of(client.post(CHOOSE, {"membership": str(membership.pk)}))
    return re.search(r'<a class="button" href="http://otra\.localhost(/[^"]+)"', page).group(1)


@pytest.fixture
def other(organization):
    return make.organization(host="otra.localhost", name="La otra tienda")


def test_one_sign_in_serves_two_organizations_and_shows_one_at_a_time(organization, other):
    user, here, there = person(), browser(), browser(host="otra.localhost")
    member(user, organization, other)
    product = make.product("Solo de la primera")
    with scope(organization=other):
        foreign = make.product("Solo de la otra")
    sign_in(here, user)
    assert "La otra tienda" in text_of(here.get(CHOOSE))

    path = hand_over(here, other)
    assert user.email in text_of(there.get(path))
    assert not signed_in(there)
    there.post(path)

    assert signed_in(there)
    listed = text_of(there.get("/admin/shop/product/"))
    assert foreign.name in listed
    assert product.name not in listed
    assert there.get(f"/admin/shop/product/{product.pk}/change/").status_code in (302, 404)
    assert product.name not in text_of(there.get("/admin/", follow=True))


def test_a_handover_works_once(organization, other):
    user, here = person(), browser()
    member(user, organization, other)
    sign_in(here, user)
    path = hand_over(here, other)

    first, second = browser(host="otra.localhost"), browser(host="otra.localhost")
    first.post(path)

    assert signed_in(first)
    assert second.get(path).status_code == 410
    assert second.post(path).status_code == 410
    assert not signed_in(second)


def test_a_handover_is_good_for_a_minute_at_its_target_alone(organization, other):
    user, here = person(), browser()
    member(user, organization, other)
    third = make.organization(host="tercera.localhost")
    member(user, third)
    sign_in(here, user)
    path = hand_over(here, other)

    assert browser(host="tercera.localhost").post(path).status_code == 410
    valkey = cache._cache.get_client(write=True)
    (key,) = valkey.scan_iter(f"*one-time:handover:{other.pk}:*")
    assert 0 < valkey.ttl(key) <= 60


def test_a_handover_needs_the_membership_until_the_last_moment(organization, other):
    user, here, there = person(), browser(), browser(host="otra.localhost")
    member(user, organization, other)
    sign_in(here, user)
    path = hand_over(here, other)
    with scope(organization=other):
        Membership.objects.update(is_active=False)

    assert there.post(path).status_code == 410

    assert not signed_in(there)


def test_nobody_is_handed_over_with_another_persons_membership(organization, other):
    user, colleague, here = person(), person(), browser()
    member(user, organization)
    member(colleague, other)
    sign_in(here, user)
    with scope(organization=other):
        foreign = Membership.objects.get(user=colleague)

    assert here.post(CHOOSE, {"membership": str(foreign.pk)}).status_code == 404
    assert here.post(CHOOSE, {"membership": "nada"}).status_code == 404


def test_a_handover_asks_for_the_second_factor_unless_it_was_just_used(organization, other):
    user, here, there = person(), browser(), browser(host="otra.localhost")
    member(user, organization, other)
    sign_in(here, user)
    # Set up elsewhere, after this session began.
    TOTP.activate(user, generate_totp_secret())

    answer = there.post(hand_over(here, other))

    assert answer.headers["Location"] == "/cuenta/segundo-paso/codigo/"
    assert not signed_in(there)


def test_leaving_for_another_organization_is_only_done_by_pressing_a_button(organization, other):
    user, here = person(), browser()
    member(user, organization, other)
    sign_in(here, user)

    here.get(CHOOSE)

    assert not list(cache._cache.get_client(write=True).scan_iter(f"*handover:{other.pk}:*"))


def test_a_deactivated_membership_ends_at_the_next_request(organization):
    user, client = member(person(), organization), browser()
    sign_in(client, user)
    assert client.get("/admin/").status_code == 200

    Membership.objects.filter(user=user).update(is_active=False)

    assert client.get("/admin/").status_code == 404
    assert client.get("/cuenta/").status_code == 200


def test_a_deactivated_person_is_signed_out_at_the_next_request(organization):
    user, client = member(person(), organization), browser()
    sign_in(client, user)

    User.objects.filter(pk=user.pk).update(is_active=False)

    assert client.get("/admin/").status_code == 302
    assert client.get("/cuenta/").status_code == 302


# --- manage.py create_organization ------------------------------------------------------------


def create(**options):
    out = StringIO()
    options = {
        "name": "Vivero El Roble",
        "slug": "roble",
        "host": "roble.localhost",
        "owner_email": new_email("duena"),
        **options,
    }
    call_command("create_organization", stdout=out, **options)
    return out.getvalue(), options


@pytest.mark.django_db
def test_an_organization_is_created_and_its_owner_signs_in_by_link():
    said, options = create()

    organization = Organization.objects.get(slug="roble")
    assert organization.is_live is False
    assert "http://roble.localhost:8000/cuenta/enlace/" in said
    with scopes_disabled():
        membership = Membership.objects.get(organization=organization)
    assert (membership.user.email, membership.role) == (options["owner_email"], Role.OWNER)
    assert membership.user.has_usable_password() is False
    assert User.objects.count() == 1
    client = browser(host="roble.localhost")
    client.post("/cuenta/enlace/", {"email": options["owner_email"]})
    client.post(link_in(last_mail()))
    assert client.get("/admin/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("slug", "no vale"),
        ("slug", "ocupada"),
        ("host", "ocupada.localhost"),
        ("host", "con_raya.example"),
        ("owner_email", "no es un correo"),
        ("currency", "XXX"),
        ("timezone", "Marte/Olimpo"),
        ("name", "con\x00cero"),
    ],
)
def test_a_wrong_answer_is_named_and_leaves_nothing_behind(option, value):
    make.organization(slug="ocupada", host="ocupada.localhost")

    with pytest.raises(CommandError, match=f"--{option.replace('_', '-')}"):
        create(**{option: value})

    assert Organization.objects.count() == 1
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_missing_answer_is_named_when_nobody_is_at_the_keyboard():
    with pytest.raises(CommandError, match="--owner-email"):
        create(owner_email="")


@pytest.mark.django_db
def test_a_person_keeps_one_account_for_two_organizations():
    user = make.user(email=new_email())
    create(owner_email=user.email.upper())

    assert User.objects.get() == user
    assert [m.role for m in organizations.of_user(user)] == [Role.OWNER]


# --- Addresses ------------------------------------------------------------------------------------


def test_the_base_address_is_the_primary_host_with_the_port_of_a_machine_alone(db, settings):
    shop = make.organization(host="tienda.example.com")
    shop.domains.create(host="antes.example.com", verified_at=shop.created_at)

    settings.IS_EMBEDDED, settings.SITE_SCHEME, settings.PORT = True, "http", 8123
    assert organizations.base_url(shop) == "http://tienda.example.com:8123"
    settings.IS_EMBEDDED, settings.SITE_SCHEME = False, "https"
    assert organizations.base_url(shop) == "https://tienda.example.com"


def test_a_shop_without_a_proved_host_has_no_base_address(db):
    shop = make.organization()
    shop.domains.update(verified_at=None)

    assert organizations.base_url(shop) == ""
