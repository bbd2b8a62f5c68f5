import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.core.cache import cache

from shop.models import Customer, User
from tests import make
from tests.shop.signing_in import (
    browser,
    last_mail,
    link_in,
    mails_to,
    new_email,
    person,
    sign_in,
    signed_in,
    text_of,
)

ASK = "/cuenta/enlace/"


def test_a_link_signs_in_when_its_button_is_pressed_and_only_once(organization):
    user, client = person(), browser()
    client.post(ASK, {"email": user.email.upper()})
    link = link_in(last_mail())

    # A mail scanner follows the link, twice.
    assert browser().get(link).status_code == 200
    assert client.get(link).status_code == 200
    assert not signed_in(client)
    assert client.post(link).headers["Location"] == "/cuenta/"

    assert signed_in(client)
    again = browser()
    assert again.get(link).status_code == 410
    assert again.post(link).status_code == 410
    assert not signed_in(again)


def test_a_link_for_an_unknown_address_is_answered_the_same(organization):
    emails = person().email, new_email(), make.user(is_active=False, email=new_email()).email

    answers = [browser().post(ASK, {"email": email}, follow=True) for email in emails]

    assert len({text_of(answer) for answer in answers}) == 1
    assert len({tuple(answer.redirect_chain) for answer in answers}) == 1
    assert [message.to for message in mail.outbox] == [[email] for email in emails]
    assert [ASK in message.body for message in mail.outbox] == [True, False, False]


def test_a_link_expires(organization):
    user, client = person(), browser()
    client.post(ASK, {"email": user.email})
    link = link_in(last_mail())
    valkey = cache._cache.get_client(write=True)
    (key,) = valkey.scan_iter(f"*one-time:sign-in-link:{organization.pk}:*")
    assert 14 * 60 < valkey.ttl(key) <= 15 * 60

    valkey.expire(key, 0)

    assert client.post(link).status_code == 410
    assert not signed_in(client)


def test_a_link_works_at_the_shop_it_was_asked_at_and_nowhere_else(organization):
    make.organization(host="otra.localhost")
    user, elsewhere = person(), browser(host="otra.localhost")
    browser().post(ASK, {"email": user.email})
    link = link_in(last_mail())

    assert elsewhere.post(link).status_code == 410

    assert not signed_in(elsewhere)
    client = browser()
    client.post(link)
    assert signed_in(client)


def test_a_link_dies_when_the_password_changes(organization):
    user, client = person(), browser()
    client.post(ASK, {"email": user.email})
    user.set_password("otra clave larga")
    user.save()

    assert client.post(link_in(last_mail())).status_code == 410


def test_a_link_proves_the_address_and_drops_a_password_of_before(organization):
    email = new_email("ana")
    guest = make.customer(email=email, order_count=1)
    squatter = make.user(email=email)
    client = browser()

    client.post(ASK, {"email": email})
    client.post(link_in(last_mail()))

    assert signed_in(client)
    assert EmailAddress.objects.get(email=email).verified is True
    assert User.objects.get(pk=squatter.pk).has_usable_password() is False
    assert not Customer.objects.filter(pk=guest.pk).exists()
    assert Customer.objects.get(user=squatter).order_count == 1


def test_a_link_leaves_the_password_of_a_proved_address_alone(organization):
    user, client = person(), browser()
    client.post(ASK, {"email": user.email})
    client.post(link_in(last_mail()))

    assert User.objects.get(pk=user.pk).check_password(make.PASSWORD)


def test_the_second_factor_still_applies_after_a_link(organization):
    user, client = person(), browser()
    TOTP.activate(user, generate_totp_secret())
    client.post(ASK, {"email": user.email})

    answer = client.post(link_in(last_mail()))

    assert answer.headers["Location"] == "/cuenta/segundo-paso/codigo/"
    assert not signed_in(client)


def test_links_are_limited_for_known_and_unknown_addresses_alike(organization):
    for email in (person().email, new_email()):
        answers = [browser().post(ASK, {"email": email}) for _time in range(6)]

        assert [answer.status_code for answer in answers] == [302] * 5 + [429]
        assert email in text_of(answers[-1])
        assert len(mails_to(email)) == 5


def test_a_link_leads_back_to_where_the_person_wanted_to_go_but_to_no_other_site(organization):
    user = person()
    wishes = {"/cuenta/datos/": "/cuenta/datos/", "https://evil.example/": "/cuenta/"}
    for wanted, reached in wishes.items():
        client = browser()
        client.post(ASK, {"email": user.email, "next": wanted})
        assert client.post(link_in(last_mail())).headers["Location"] == reached


def test_a_link_replaces_whoever_was_signed_in(organization):
    first, second, client = person(), person(), browser()
    sign_in(client, first)
    browser().post(ASK, {"email": second.email})

    client.post(link_in(last_mail()))

    assert client.session["_auth_user_id"] == str(second.pk)


@pytest.mark.parametrize("typed", ["", "no es un correo", "a" * 300 + "@example.com", "a\x00@b.co"])
def test_a_malformed_address_gets_a_message_beside_the_field(organization, typed):
    answer = browser().post(ASK, {"email": typed})

    assert answer.status_code == 200
    assert answer.context["form"].errors["email"]
    assert mail.outbox == []
