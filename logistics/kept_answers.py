"""What carriers answered a while ago, and which of them rest: in the common cache."""

import hashlib
import logging
import time
from dataclasses import dataclass
from uuid import UUID

import redis
from django.core.cache import cache

from . import carriers
from .carriers.base import Option, Wish
from .models import CarrierAccount, DeliverySettings, Origin

logger = logging.getLogger(__name__)

# How a carrier may stand that gave no answer: it rests, or is asked and not waited for.
FAILED, SLOW = "failed", "slow"
# What is kept changes its form: then what older processes kept is not read.
_FORM = 1


@dataclass(frozen=True)
class Setup:
    """Whom a shop asks, from where it sends, and how it packs."""

    accounts: tuple[CarrierAccount, ...]
    origin: Origin | None
    settings: DeliverySettings


@dataclass(frozen=True)
class Answer:
    """What a carrier offers; None when it did not say, with the reason in words for staff."""

    options: tuple[Option, ...] | None
    problem: str = ""


@dataclass(frozen=True)
class Answers:
    """What is known of each account by its key; those that were never asked are left out."""

    by_account: dict[UUID, Answer]
    # Whether the shop's own price was offered for this wish a moment ago.
    is_fallback_offered: bool

    def options(self, account: CarrierAccount) -> tuple[Option, ...]:
        answer = self.by_account.get(account.pk)
        return (answer and answer.options) or ()

    @property
    def is_any(self) -> bool:
        """Whether any carrier said something, be it that it does not go there."""
        return any(answer.options is not None for answer in self.by_account.values())

    @property
    def is_silent(self) -> bool:
        """Whether any carrier that should know said nothing."""
        return any(answer.options is None for answer in self.by_account.values())


def look_up(setup: Setup, wish: Wish) -> tuple[dict[UUID, Answer], dict[UUID, str], bool]:
    """Give the answers that are kept, how accounts without one stand, and the fallback's mark."""
    prices = {account.pk: price_key(account, wish) for account in setup.accounts}
    states = {account.pk: state_key(account) for account in setup.accounts}
    fallback = fallback_key(setup, wish)
    found = kept.many([*prices.values(), *states.values(), fallback])
    known, resting = {}, {}
    for key in prices:
        options, state = found.get(prices[key]), found.get(states[key])
        if options is not None:
            known[key] = Answer(tuple(Option(*option) for option in options))
        elif state and state[0] == FAILED:
            known[key] = Answer(None, state[1])
        elif state:
            resting[key] = state[0]
    return known, resting, fallback in found


def price_key(account: CarrierAccount, wish: Wish) -> str:
    """Name an answer by everything that it depends on; the account's keys are only hashed."""
    lines = wish.contents if carriers.get(account.provider).prices_lines else ()
    depends = (_version(account), wish.origin, wish.destination, wish.boxes, lines)
    return _key("price", account, *depends, wish.value, wish.currency)


def state_key(account: CarrierAccount) -> str:
    return _key("state", account, _version(account))


def fallback_key(setup: Setup, wish: Wish) -> str:
    return _key("fallback", setup.settings, wish.destination, wish.boxes, wish.value)


def _version(account: CarrierAccount) -> tuple:
    return account.provider, account.is_live, account.settings, account.secrets


def _key(kind: str, row, *depends) -> str:
    digest = hashlib.sha256(repr(depends).encode()).hexdigest()
    return f"carriers:{_FORM}:{kind}:{row.organization_id.hex}:{row.pk.hex}:{digest}"


class _Kept:
    """The common cache; while it is down, each process knows what it asked itself."""

    _MOST = 500

    def __init__(self):
        self._own: dict[str, tuple[float, object]] = {}

    def many(self, keys: list[str]) -> dict[str, object]:
        try:
            return cache.get_many(keys)
        except redis.RedisError:
            logger.exception("The answers of carriers could not be read")
        now = time.monotonic()
        own = {key: self._own[key] for key in keys if key in self._own}
        return {key: value for key, (until, value) in own.items() if until > now}

    def put(self, key: str, value: object, seconds: float) -> None:
        if len(self._own) >= self._MOST:
            self._own.clear()
        self._own[key] = (time.monotonic() + seconds, value)
        try:
            cache.set(key, value, seconds)
        except redis.RedisError:
            logger.exception("The answer of a carrier could not be kept for all")

    def drop(self, key: str) -> None:
        self._own.pop(key, None)
        try:
            cache.delete(key)
        except redis.RedisError:
            logger.exception("The state of a carrier could not be forgotten")


kept = _Kept()
