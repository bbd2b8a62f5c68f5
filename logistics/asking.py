"""Outside carriers are asked what they take: all at once, within one deadline, and seldom.

Answers are kept for some minutes by everything that a price depends on. Who waits longer than the
deadline goes on without that carrier; its late answer is kept all the same. A carrier that failed
rests for some seconds, and one that was slow is asked but no longer waited for, so that a dead one
costs one buyer the deadline and not every buyer. Whatever a carrier does, buyers never read of it.
"""

import logging
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, wait
from dataclasses import astuple, replace
from datetime import datetime
from uuid import UUID

from django.db import connections
from django.db.models import Q
from django.utils import timezone, translation

from config.lib import tracing
from config.lib.errors import ProviderError
from config.lib.memory import Memory
from shop.models import Organization

from . import carriers
from .carriers.base import Option, Wish
from .kept_answers import (
    FAILED,
    SLOW,
    Answer,
    Answers,
    Setup,
    fallback_key,
    kept,
    look_up,
    price_key,
    state_key,
)
from .models import CarrierAccount, DeliverySettings, Origin

logger = logging.getLogger(__name__)

# So long a buyer waits for all carriers together.
DEADLINE = 2.0
# So long a carrier may take in the background before its answer is given up.
ANSWER_WITHIN = 8.0
KEPT_FOR = 600
RESTS_FOR = 20
# No parcel costs so much: whoever says so is mistaken.
_HIGHEST_COST = 1_000_000_000
_MOST_AT_ONCE = 24
# How what we write about an account begins, so that we never wipe away the words of others.
OURS = "Quote: "

_setups = Memory(seconds=2)
_places = threading.BoundedSemaphore(_MOST_AT_ONCE)
_lock = threading.Lock()
_under_way: dict[str, "Future[Answer]"] = {}


def setup_of(organization: Organization) -> Setup:
    """Give whom a shop asks; up to two seconds late to know what changed."""
    return _setups.get((organization.pk, organization.is_live), _read_setup)


def _read_setup(key: tuple[UUID, bool]) -> Setup:
    organization_id, is_live = key
    accounts = CarrierAccount.objects.filter(
        organization=organization_id, is_active=True, is_quoted=True, is_live=is_live
    )
    # With everything that an adapter may read: its thread asks the database nothing.
    accounts = accounts.select_related("organization")
    quoting = [
        account
        for account in accounts
        if account.provider in carriers.CARRIERS and carriers.get(account.provider).has_quotes
    ]
    origins = Origin.objects.filter(organization=organization_id, is_active=True)
    origin = origins.select_related("municipality__department").first()
    settings = DeliverySettings.objects.filter(organization=organization_id).first()
    return Setup(
        tuple(quoting), origin, settings or DeliverySettings(organization_id=organization_id)
    )


def answers(setup: Setup, wish: Wish, *, language: str) -> Answers:
    """Ask every account whose answer is not kept, and wait no longer than the deadline.

    Never inside a transaction: it would be held open for as long as carriers take.
    """
    until = time.monotonic() + DEADLINE
    known, resting, is_offered = look_up(setup, wish)
    prompt: dict[CarrierAccount, Future[Answer]] = {}
    slow: dict[CarrierAccount, Future[Answer]] = {}
    for account in setup.accounts:
        if account.pk in known:
            continue
        future = _begin(account, wish, language, is_resting=account.pk in resting)
        if future is None:
            known[account.pk] = Answer(None)
        else:
            (slow if resting.get(account.pk) == SLOW else prompt)[account] = future
    wait(prompt.values(), timeout=max(0, until - time.monotonic()))
    _collect(prompt, known)
    if not any(answer.options for answer in known.values()):
        # Nobody else: then the slow ones are worth the time.
        wait(slow.values(), timeout=max(0, until - time.monotonic()))
    _collect(slow, known)
    _note_problems(setup.accounts, known, fresh=[*prompt, *slow], now=timezone.now())
    return Answers(known, is_offered)


def known(setup: Setup, wish: Wish) -> Answers:
    """Give what is kept of earlier answers, and ask nobody."""
    found, _resting, is_offered = look_up(setup, wish)
    return Answers(found, is_offered)


def offer_fallback(setup: Setup, wish: Wish) -> None:
    """Remember that the shop's own price was offered, so that it can be taken for a while."""
    kept.put(fallback_key(setup, wish), 1, KEPT_FOR)


# --- Asking one -----------------------------------------------------------------------------------


def _begin(
    account: CarrierAccount, wish: Wish, language: str, *, is_resting: bool
) -> "Future[Answer] | None":
    """Ask in a thread of its own, or join who asks the same already; None when all are busy."""
    key = price_key(account, wish)
    with _lock:
        if key in _under_way:
            return _under_way[key]
        if not _places.acquire(blocking=False):
            logger.warning("Too many carriers are being asked at once")
            return None
        future = _under_way[key] = Future()
    thread = threading.Thread(
        target=_ask,
        args=(future, key, account, wish, language, is_resting, tracing.current()),
        name="carrier-quote",
        daemon=True,
    )
    try:
        thread.start()
    except RuntimeError:
        # No more threads on this machine, or it is being shut down.
        _end(future, key, Answer(None))
    return future


def _ask(future, key, account, wish, language, is_resting, request_id) -> None:
    answer = Answer(None, OURS + "interrupted")
    try:
        with tracing.following(request_id), translation.override(language):
            answer = _answer(account, wish)
            if answer.options is None:
                kept.put(state_key(account), [FAILED, answer.problem], RESTS_FOR)
            else:
                kept.put(key, [astuple(option) for option in answer.options], KEPT_FOR)
                if is_resting:
                    kept.drop(state_key(account))
    except Exception:
        logger.exception("The answer of a carrier could not be kept")
    finally:
        _end(future, key, answer)
        # Adapters need no rows; should one have asked for some, nothing of it stays open.
        connections.close_all()


def _end(future, key, answer: Answer) -> None:
    with _lock:
        _under_way.pop(key, None)
    _places.release()
    future.set_result(answer)


def _answer(account: CarrierAccount, wish: Wish) -> Answer:
    """Ask one carrier; whatever it does, or its adapter, is an answer or a reason for none."""
    try:
        options = carriers.get(account.provider).quote(account, wish, seconds=ANSWER_WITHIN)
        return _checked(account, list(options))
    except ProviderError as error:
        logger.info("A carrier gave no prices", extra={"provider": account.provider})
        return Answer(None, _words(str(error) or type(error).__name__))
    except Exception as error:
        logger.exception("A carrier could not be asked")
        return Answer(None, _words(f"unexpected answer ({type(error).__name__})"))


def _checked(account: CarrierAccount, options: Sequence[Option]) -> Answer:
    """Leave out what cannot be: one carrier that lies is no reason to believe none."""
    sound: dict[str, Option] = {}
    for option in options:
        if not _is_sound(option):
            continue
        other = sound.get(option.service)
        if other is None or option.cost < other.cost:
            sound[option.service] = replace(
                option, label=str(option.label), carrier=str(option.carrier)
            )
    if len(options) and not sound:
        return Answer(None, _words("a price that cannot be"))
    if len(sound) < len(options):
        logger.warning(
            "A carrier's price was left out",
            extra={"provider": account.provider, "left_out": len(options) - len(sound)},
        )
    return Answer(tuple(sound.values()))


def _is_sound(option: Option) -> bool:
    amounts = (option.cost, option.cash_fee)
    if not all(type(amount) is int and 0 <= amount <= _HIGHEST_COST for amount in amounts):
        return False
    # Nobody drives for nothing: only a rule of the shop makes a delivery free.
    return option.cost > 0 and isinstance(option.service, str) and 0 < len(option.service) <= 80


def _words(problem: str) -> str:
    return (OURS + " ".join(problem.split()))[:200]


# --- What became of it ----------------------------------------------------------------------------


def _collect(asked: dict[CarrierAccount, "Future[Answer]"], known: dict[UUID, Answer]) -> None:
    for account, future in asked.items():
        if future.done():
            known[account.pk] = future.result()
        else:
            known[account.pk] = Answer(None, _words(f"no answer within {DEADLINE:g} s"))
            kept.put(state_key(account), [SLOW, known[account.pk].problem], RESTS_FOR)


def _note_problems(
    accounts: Iterable[CarrierAccount],
    known: dict[UUID, Answer],
    *,
    fresh: list[CarrierAccount],
    now: datetime,
) -> None:
    """Write on the account why it gives no prices, or that it does again, when that is news."""
    for account in accounts:
        answer = known[account.pk]
        is_well = answer.options is not None
        is_news = account.problem.startswith(OURS) if is_well else not account.problem
        if not is_news or (is_well and account not in fresh) or not (is_well or answer.problem):
            continue
        before = Q(problem__startswith=OURS) if is_well else Q(problem="")
        CarrierAccount.objects.filter(before, pk=account.pk).update(
            problem=answer.problem, problem_at=None if is_well else now
        )
        # This process remembers the account for a moment, and need not write it again.
        account.problem = answer.problem
