"""Sockets of the back-office: who is signed in at this host, and may still be here."""

import asyncio
import contextlib
from importlib import import_module
from types import SimpleNamespace
from urllib.parse import urlsplit
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.auth import get_user
from django.http import parse_cookie
from django_scopes import scope

from config.lib import live

from . import access, organizations, roles
from .models import Organization, User

# How often a silent socket asks whether its person still works here; who is deactivated is told.
_LOOK_AGAIN = 20
_REFUSED = 4403


def group_of_person(key: UUID) -> str:
    """Give the group in which a person's own windows listen, wherever they work."""
    return f"person.{key}"


def look_again(key: UUID) -> None:
    """Have the open windows of a person ask at once, after the commit, whether they may stay."""
    live.tell(group_of_person(key))


class StaffConsumer(AsyncWebsocketConsumer):
    """A window of the back-office that wants to hear of changes.

    The host says which organization, the session who, and the table of roles whether they may:
    when it opens, before each news, and every now and then.
    """

    # Its row in roles.SOCKETS.
    name = ""

    def group_here(self, organization: Organization) -> str:
        """Give the group of the organization whose news this window wants."""
        raise LookupError(f"{type(self).__name__} names no group.")

    async def connect(self):
        found = await database_sync_to_async(self._who)()
        if found is None:
            await self.close(code=_REFUSED)
            return
        organization, user = found
        self.heard = [self.group_here(organization), group_of_person(user.pk)]
        for group in self.heard:
            await self.channel_layer.group_add(group, self.channel_name)
        await self.accept()
        self.looking = asyncio.create_task(self._look_again())

    async def disconnect(self, code):
        if hasattr(self, "looking"):
            self.looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.looking
        for group in getattr(self, "heard", []):
            await self.channel_layer.group_discard(group, self.channel_name)

    async def receive(self, text_data=None, bytes_data=None):
        """Listen only: what a person does goes through a view."""

    async def news(self, event):
        if await self._stays():
            await self.send(text_data="{}")

    async def _look_again(self):
        is_here = True
        while is_here:
            await asyncio.sleep(_LOOK_AGAIN)
            is_here = await self._stays()

    async def _stays(self) -> bool:
        stays = await database_sync_to_async(self._who)() is not None
        if not stays:
            await self.close(code=_REFUSED)
        return stays

    def _who(self) -> tuple[Organization, User] | None:
        """Give the organization of the host and who is signed in there, when they may listen."""
        headers = dict(self.scope["headers"])
        host = organizations.clean_host(headers.get(b"host", b"").decode("latin-1"))
        # Browsers send cookies along from any page, and say from which.
        origin = urlsplit(headers.get(b"origin", b"").decode("latin-1")).hostname or ""
        organization = organizations.at_host(host)
        if organization is None or organizations.clean_host(origin) != host:
            return None
        cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
        store = import_module(settings.SESSION_ENGINE).SessionStore
        session = store(cookies.get(settings.SESSION_COOKIE_NAME))
        user = get_user(SimpleNamespace(session=session))
        if not user.is_authenticated:
            return None
        with scope(organization=organization):
            membership = organizations.membership_at(organization, user)
            with roles.acting_as(membership):
                allowed = access.allows(roles.SOCKETS[self.name], user)
        return (organization, user) if allowed else None
