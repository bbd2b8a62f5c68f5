"""The broker's connections, as kombu makes them, with one flaw of theirs mended."""

from kombu.transport import TRANSPORT_ALIASES, redis
from redis.exceptions import ConnectionError


class Channel(redis.Channel):
    def _connparams(self, asynchronous=False):
        # A worker that lost the broker still acknowledges what it was at, and hands back the rest,
        # on a channel whose connection is gone. kombu stumbles over that with an AttributeError,
        # which ends the worker. It knows what to do about an error of the connection: nothing,
        # because the broker hands out again what was not acknowledged.
        if self.connection is None or self.connection.client is None:
            raise ConnectionError("The connection of this channel is gone.")
        return super()._connparams(asynchronous=asynchronous)


class Transport(redis.Transport):
    Channel = Channel


def use() -> None:
    """Let every address of a broker lead here."""
    TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), f"{__name__}:Transport"))
