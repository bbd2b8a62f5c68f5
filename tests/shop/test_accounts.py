import pytest
from allauth.account.models import EmailAddress
from celery.app.task import Task
from django.contrib.auth import hashers
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from shop import customers
from shop.accounts import joining
from shop.demo import loading
from shop.models import AuditEntry, Consent, Customer, CustomerIdentity, Membership, User
from shop.roles import Role
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


def new(email: str, **fields) -> dict:
    """Give what a person types who signs up."""
    fields = {"password1": "un jardín de lavanda", "privacy": "on", **fields}
    return {"name": "Ana Gómez", "email": email, **fields}


def test_a_shopper_signs_up_confirms_the_address_and_is_signed_in(organization):
    client, email = browser(), new_email("ana")

    answer = client.post("/cuenta/crear/", new(email))

    assert answer.headers["Location"] == "/cuenta/correo/enviado/"
    assert not signed_in(client)
    assert [message.to for message in mail.outbox] == [[email]]
    confirm = link_in(last_mail())
    assert client.get(confirm).status_code == 200
    assert not EmailAddress.objects.get(email=email).verified

    client.post(confirm)

    assert signed_in(client)
    customer = Customer.objects.get(user__email=email)
    assert customer.name == "Ana Gómez"
    assert [(c.purpose, c.source) for c in customer.consents.all()] == [("privacy", "sign-up")]
    assert customer.identities.get().verified_at is not None


def test_signing_up_keeps_marketing_apart_and_needs_the_privacy_consent(organization):
    client = browser()

    answer = client.post("/cuenta/crear/", new(new_email(), privacy=""))

    assert answer.status_code == 200
    assert "privacy" in answer.context["form"].errors
    assert 'value="Ana Gómez"' in answer.content.decode()
    assert not User.objects.exists()
    client.post("/cuenta/crear/", new(new_email(), marketing="on"))
    assert set(Consent.objects.values_list("purpose", flat=True)) == {"privacy", "marketing"}


def test_signing_up_answers_the_same_for_an_address_that_has_an_account(organization, monkeypatch):
    emails = person().email, new_email()
    hashed = _count_hashes(monkeypatch)

    known, unknown = browser(), browser()
    first = known.post("/cuenta/crear/", new(emails[0]))
    costs_known = len(hashed)
    second = unknown.post("/cuenta/crear/", new(emails[1]))

    assert (first.status_code, first.headers["Location"]) == (
        second.status_code,
        second.headers["Location"],
    )
    pages = [
        text_of(client.get("/cuenta/correo/enviado/")).replace(email, "X")
        for client, email in zip((known, unknown), emails, strict=True)
    ]
    assert pages[0] == pages[1]
    assert costs_known == len(hashed) - costs_known == 1
    assert [message.to for message in mail.outbox] == [[email] for email in emails]
    assert User.objects.count() == 2


def test_signing_in_costs_one_hash_for_known_and_unknown_addresses(organization, monkeypatch):
    known = person()
    invited = User.objects.create_user(new_email(), None)
    hashed = _count_hashes(monkeypatch)
    pages = []
    for email in (known.email, new_email(), invited.email):
        before = len(hashed)
        answer = browser().post("/cuenta/entrar/", {"login": email, "password": "no es esta"})
        assert len(hashed) - before == 1
        pages.append(text_of(answer).replace(email, "X"))

    assert pages[0] == pages[1] == pages[2]


def test_resetting_the_password_answers_the_same_and_sends_a_mail_to_both(organization):
    known = person()

    emails = known.email, new_email()
    answers = [
        text_of(browser().post("/cuenta/clave/olvido/", {"email": email}, follow=True))
        for email in emails
    ]

    assert answers[0] == answers[1]
    assert [message.to for message in mail.outbox] == [[email] for email in emails]
    assert "/cuenta/clave/nueva/" in mail.outbox[0].body
    assert "/cuenta/clave/nueva/" not in mail.outbox[1].body


@pytest.mark.parametrize("path", ["/cuenta/clave/olvido/", "/cuenta/enlace/"])
def test_the_request_for_a_link_looks_for_no_account(organization, path, monkeypatch):
    person_asked, waiting = person(), []
    monkeypatch.setattr(
        Task, "apply_async", lambda self, *args, **kwargs: waiting.append(self.name)
    )

    with CaptureQueriesContext(connection) as asked:
        browser().post(path, {"email": person_asked.email})

    assert not [query for query in asked if "shop_user" in query["sql"]]
    assert len(waiting) == 1


def test_a_reset_link_sets_a_password_once(organization):
    user, client = person(), browser()
    client.post("/cuenta/clave/olvido/", {"email": user.email})
    link = link_in(last_mail())
    form_page = client.get(link).headers["Location"]

    new = {"password1": "otra clave larga", "password2": "otra clave larga"}
    client.post(form_page, new)

    assert sign_in(browser(), user, "otra clave larga").status_code == 302
    assert "no longer works" in text_of(browser(language="en").get(link))


def test_a_password_is_not_reset_through_an_address_that_was_never_confirmed(organization):
    user = person()
    pending = EmailAddress.objects.create(user=user, email=new_email(), verified=False)

    browser().post("/cuenta/clave/olvido/", {"email": pending.email})

    assert "/cuenta/clave/nueva/" not in last_mail().body


def test_signing_in_changes_the_session_key(organization):
    user, client = person(), browser()
    session = client.session
    session["anything"] = 1
    session.save()
    before = session.session_key

    assert sign_in(client, user).headers["Location"] == "/cuenta/"

    assert client.session.session_key != before
    assert signed_in(client)


def test_signing_out_needs_a_press_of_the_button(organization):
    user, client = person(), browser()
    sign_in(client, user)

    client.get("/cuenta/salir/")
    assert signed_in(client)
    client.post("/cuenta/salir/")

    assert not signed_in(client)


def test_an_account_whose_address_is_not_confirmed_does_not_open(organization):
    user, client = make.user(), browser()

    answer = sign_in(client, user)

    assert answer.headers["Location"] == "/cuenta/correo/enviado/"
    assert not signed_in(client)


def test_an_address_changes_only_when_the_new_one_is_confirmed(organization):
    user, client = person(), browser()
    sign_in(client, user)
    old, email = user.email, new_email("nueva")
    change = {"email": email, "action_add": "1"}
    answer = client.post("/cuenta/correo/", change)
    client.post(answer.headers["Location"], {"password": make.PASSWORD})
    assert User.objects.get(pk=user.pk).email == old

    client.post(link_in(mails_to(email)[-1]))

    assert User.objects.get(pk=user.pk).email == email
    customer = Customer.objects.get(user=user)
    assert customer.email == email
    assert [i.value for i in customer.identities.all()] == [email]
    assert mails_to(old)


def test_an_address_of_another_account_is_never_taken_over(organization):
    user, other, client = person(), make.user(email=new_email()), browser()
    sign_in(client, user)
    change = {"email": other.email, "action_add": "1"}
    answer = client.post("/cuenta/correo/", change)
    client.post(answer.headers["Location"], {"password": make.PASSWORD})

    client.post(link_in(mails_to(other.email)[-1]))

    assert EmailAddress.objects.get(email=other.email).verified is False
    assert User.objects.get(pk=user.pk).email == user.email


def test_a_new_password_is_checked_and_its_owner_hears_of_it(organization):
    user, client = person(), browser()
    sign_in(client, user)

    short = {"oldpassword": make.PASSWORD, "password1": "corta", "password2": "corta"}
    assert client.post("/cuenta/clave/cambiar/", short).context["form"].errors["password1"]
    good = {**short, "password1": "una clave más larga", "password2": "una clave más larga"}
    client.post("/cuenta/clave/cambiar/", good)

    assert last_mail().to == [user.email]
    assert signed_in(client)
    assert sign_in(browser(), user).status_code == 200


def test_other_sessions_end_when_the_password_changes(organization):
    user, here, elsewhere = person(), browser(), browser()
    sign_in(here, user)
    sign_in(elsewhere, user)

    words = "una clave nueva"
    change = {"oldpassword": make.PASSWORD, "password1": words, "password2": words}
    here.post("/cuenta/clave/cambiar/", change)

    assert here.get("/cuenta/").status_code == 200
    assert elsewhere.get("/cuenta/").status_code == 302


def test_a_guest_who_confirms_the_address_finds_what_they_left(organization):
    email = new_email("ana")
    guest = make.customer(email=email, order_count=2)
    client = browser()
    client.post("/cuenta/crear/", new(email))

    assert Customer.objects.filter(pk=guest.pk).exists()
    assert Customer.objects.get(user__email=email).order_count == 0
    client.post(link_in(last_mail()))

    assert not Customer.objects.filter(pk=guest.pk).exists()
    assert Customer.objects.get(user__email=email).order_count == 2


def test_an_address_that_is_not_confirmed_joins_nothing(organization):
    user = make.user(email=new_email())
    EmailAddress.objects.create(user=user, email=user.email, verified=False)
    guest = make.customer(email=user.email, order_count=2)

    assert joining.welcome(organization, user).order_count == 0
    assert Customer.objects.filter(pk=guest.pk).exists()


def test_an_address_proved_in_one_shop_counts_in_the_next(organization):
    user = person()
    other = make.organization(host="otra.localhost")
    with scope(organization=other):
        guest = customers.create(other, name="Ana", email=user.email, order_count=3)

    sign_in(browser(host="otra.localhost"), user)

    with scope(organization=other):
        assert not Customer.objects.filter(pk=guest.pk).exists()
        assert Customer.objects.get(user=user).order_count == 3
    assert not Customer.objects.filter(user=user).exists()


def test_an_address_proved_by_another_customer_does_not_stop_the_sign_in(organization):
    user, client = person(), browser()
    first = make.customer(email=user.email, user=person())
    customers.claim(first, kind=CustomerIdentity.Kind.EMAIL, value=user.email)

    sign_in(client, user)

    assert signed_in(client)
    assert Customer.objects.get(user=user).pk != first.pk


def test_staff_who_sign_in_leave_a_trace(organization):
    user = person()
    Membership.objects.create(organization=organization, user=user, role=Role.SUPPORT)

    sign_in(browser(), user)

    assert Membership.objects.get(user=user).last_seen_on is not None
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor) == (AuditEntry.Action.SIGNED_IN, user)


def test_somebody_who_is_invited_signs_in_by_the_link_in_the_mail(organization):
    owner, email, client = person(), new_email("bodega"), browser()
    Membership.objects.create(organization=organization, user=owner, role=Role.OWNER)
    sign_in(client, owner)
    client.post("/admin/shop/membership/invitar/", {"email": email, "role": "warehouse"})
    (invitation,) = mails_to(email)

    newcomer = browser()
    assert link_in(invitation) == "/cuenta/enlace/"
    newcomer.post("/cuenta/enlace/", {"email": email})
    newcomer.post(link_in(last_mail()))

    assert newcomer.get("/admin/").status_code == 200
    assert Membership.objects.get(user__email=email).role == Role.WAREHOUSE


def test_the_people_of_the_demo_sign_in_with_their_password(organization):
    loading._person("demo@example.com", "Rosa", make.PASSWORD)
    client = browser()

    sign_in(client, User.objects.get(email="demo@example.com"))

    assert signed_in(client)


def test_a_session_ends(organization, settings):
    user, client = person(), browser()
    answer = client.post(
        "/cuenta/entrar/", {"login": user.email, "password": make.PASSWORD, "remember": "on"}
    )

    assert answer.cookies["sessionid"]["max-age"] == settings.SESSION_COOKIE_AGE == 14 * 24 * 3600
    session = client.session
    session.set_expiry(-1)
    session.save()
    assert client.get("/cuenta/").status_code == 302


PAGES = ["", "datos/", "direcciones/", "permisos/", "ingreso/", "organizaciones/", "correo/"]


@pytest.mark.parametrize("path", [f"/cuenta/{page}" for page in [*PAGES, "segundo-paso/"]])
def test_pages_of_an_account_open_to_its_owner_alone_and_are_not_kept(organization, path):
    user, client = person(), browser()
    assert client.get(path).headers["Location"] == f"/cuenta/entrar/?next={path}"

    sign_in(client, user)

    answer = client.get(path)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]


def _count_hashes(monkeypatch) -> list:
    """Give a list that grows with every password hash that is computed."""
    computed = []
    hasher = hashers.get_hasher()
    real = type(hasher).encode

    def encode(self, password, salt):
        computed.append(type(self).__name__)
        return real(self, password, salt)

    monkeypatch.setattr(type(hasher), "encode", encode)
    return computed
