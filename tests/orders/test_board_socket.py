"""The socket of the board: who may listen, what they hear, and that they leave at once."""

import contextvars
from concurrent.futures import ThreadPoolExecutor

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.db import connections
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from config.asgi import application
from orders import board
from shop import memberships
from shop.models import Membership
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)
HOST = "uno.localhost"


@pytest.fixture
def shop(transactional_db):
    organization = make.organization(host=HOST)
    with scope(organization=organization):
        yield organization


def cookie_of(user) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def window(cookie: str, *, host: str = HOST, origin: str = "") -> WebsocketCommunicator:
    """Give a window of the board with this session, opened from a page of this origin."""
    headers = [
        (b"host", f"{host}:8001".encode()),
        (b"origin", (origin or f"http://{host}:8000").encode()),
        (b"cookie", f"{settings.SESSION_COOKIE_NAME}={cookie}".encode()),
    ]
    return WebsocketCommunicator(application, "/ws/tablero/", headers)


def told_by(listener):
    """Run what listens in a thread of its own: a browser of another test may hold a loop here."""

    def run():
        try:
            return async_to_sync(listener)()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(contextvars.copy_context().run, run).result()


def test_a_change_is_heard_at_once_by_its_own_shop_alone(shop):
    other = make.organization(host="dos.localhost")
    with scope(organization=other):
        stranger = cookie_of(make.member("warehouse"))
    order, person = make.order(status="confirmed", paid=True), make.member("warehouse")
    cookie = cookie_of(person)

    async def listen():
        mine, theirs = window(cookie), window(stranger, host="dos.localhost")
        for one in (mine, theirs):
            assert (await one.connect(timeout=10))[0]
        await sync_to_async(claim)()
        heard = await mine.receive_from(timeout=5)
        silent = await theirs.receive_nothing(timeout=0.3)
        for one in (mine, theirs):
            await one.disconnect()
        return heard, silent

    def claim():
        with scope(organization=shop):
            board.claim(order, actor=person, now=timezone.now())

    assert told_by(listen) == ("{}", True)


def test_a_person_who_is_deactivated_hears_nothing_more(shop):
    owner = Membership.objects.get(user=make.member("owner"))
    person = make.member("warehouse")
    membership, cookie = Membership.objects.get(user=person), cookie_of(person)

    async def listen():
        mine = window(cookie)
        assert (await mine.connect(timeout=10))[0]
        await sync_to_async(deactivate)()
        return await mine.receive_output(timeout=5)

    def deactivate():
        with scope(organization=shop):
            memberships.change(membership, role="warehouse", is_active=False, by=owner)

    told = told_by(listen)
    assert (told["type"], told["code"]) == ("websocket.close", 4403)


def test_nobody_listens_who_may_not(shop):
    staff = cookie_of(make.member("warehouse"))
    left = make.member("owner")
    Membership.objects.filter(user=left).update(is_active=False)
    other = make.organization(host="dos.localhost")
    with scope(organization=other):
        elsewhere = cookie_of(make.member("owner"))
    refused = [
        window(""),
        window("nada"),
        window(cookie_of(make.user())),
        window(cookie_of(left)),
        window(elsewhere),
        window(staff, host="dos.localhost"),
        window(staff, host="nadie.localhost"),
        # A page of somebody else that a signed-in person visits.
        window(staff, origin="http://malo.example"),
    ]

    async def knock():
        return [(await one.connect(timeout=10))[0] for one in refused]

    assert told_by(knock) == [False] * len(refused)
