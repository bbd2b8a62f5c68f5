"""What tests of accounts do as a person would: a browser of their own, and reading mail."""

import re
from random import SystemRandom

from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from tests import make

# The limits of earlier tests are still in the cache: every browser and address is a new one.
_random = SystemRandom()


def browser(*, host: str = "testserver", language: str = "es", **headers) -> Client:
    """Give a browser at an address of its own."""
    address = f"10.{_random.randrange(256)}.{_random.randrange(256)}.{_random.randrange(1, 255)}"
    client = Client(**{"REMOTE_ADDR": address, "HTTP_HOST": host, **headers})
    client.cookies["kaiu_language"] = language
    return client


def new_email(name: str = "persona") -> str:
    return f"{name}-{_random.getrandbits(64):x}@example.com"


def person(**fields):
    """Give a user whose address is confirmed."""
    fields.setdefault("email", new_email())
    user = make.user(**fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sign_in(client: Client, user, password: str = make.PASSWORD):
    return client.post("/cuenta/entrar/", {"login": user.email, "password": password})


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def link_in(message) -> str:
    """Give the path of the link in a mail."""
    return re.search(r"https?://[^/\s]+(/\S+)", message.body).group(1)


def last_mail():
    return mail.outbox[-1]


def mails_to(email: str) -> list:
    return [message for message in mail.outbox if message.to == [email]]


def text_of(answer) -> str:
    """Give a page without what differs on every visit."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", answer.content.decode())
