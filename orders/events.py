"""What gateways told us: every notice a row that is kept once, claimed, and worked off.

The row itself is the queue. A notice is a reason to ask the gateway, never the truth: order and
repeats do not matter. A claim is a lease, so that a killed worker's notice comes due again.
"""

import json
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from config.lib import tracing
from config.lib.errors import ProviderRefused, ProviderUnavailable

from . import paying
from .models import GatewayEvent, PaymentAccount, PaymentAttempt
from .payments.base import Notice

# So long a claimed notice belongs to the worker that has it.
_LEASE = timedelta(minutes=2)
# A gateway that does not answer is asked again, ever less often; then a person looks.
_TRY_AFTER = [timedelta(seconds=seconds) for seconds in (15, 60, 180, 600, 1800, 3600, 4 * 3600)]
_MOST_TRIES = len(_TRY_AFTER) + 1
# So many are taken by one claim.
ROUND = 200

_KEEP = """
INSERT INTO orders_gatewayevent (id, account_id, event_id, kind, reference, transaction_id,
    payload, received_at, handled_at, tries, try_at, error, request_id)
VALUES (%s::uuid, %s::uuid, %s::text, %s::text, %s::text, %s::text,
    %s::jsonb, %s::timestamptz, %s::timestamptz, 0, %s::timestamptz, '', %s::text)
ON CONFLICT (account_id, event_id) DO NOTHING
"""
_CLAIM = """
UPDATE orders_gatewayevent AS event
SET tries = event.tries + 1, try_at = %s::timestamptz
FROM orders_paymentaccount AS account
WHERE account.id = event.account_id AND event.id IN (
    SELECT id FROM orders_gatewayevent
    WHERE handled_at IS NULL AND error = '' AND try_at <= %s::timestamptz
    ORDER BY try_at LIMIT %s::integer
    FOR NO KEY UPDATE SKIP LOCKED
)
RETURNING event.id, account.organization_id, event.request_id
"""


def keep(account: PaymentAccount, notice: Notice, *, now: datetime) -> bool:
    """Keep a notice in one statement; say whether it is new and there is something to do."""
    is_ours = bool(notice.reference or notice.transaction_id)
    with connection.cursor() as cursor:
        cursor.execute(
            _KEEP,
            [
                uuid7(),
                account.pk,
                notice.event_id[:200],
                notice.kind[:80],
                notice.reference[:120],
                notice.transaction_id[:120],
                json.dumps(notice.payload),
                now,
                None if is_ours else now,
                now,
                tracing.current(),
            ],
        )
        return bool(cursor.rowcount) and is_ours


def claim(*, now: datetime) -> list[tuple[UUID, UUID, str]]:
    """Take what is due, so that nobody else takes it: event, organization and the request's id.

    What was tried too often is put before a person instead.
    """
    due = GatewayEvent.objects.filter(handled_at__isnull=True, error="", try_at__lte=now)
    due.filter(tries__gte=_MOST_TRIES).update(error=_("The gateway does not answer."))
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [now + _LEASE, now, ROUND])
        return cursor.fetchall()


def handle(event_id: UUID, *, now: datetime) -> None:
    """Ask the gateway how the payment of a notice stands, and settle what it says."""
    event = (
        GatewayEvent.objects.filter(pk=event_id, handled_at__isnull=True, error="")
        .select_related("account")
        .first()
    )
    if event is None:
        return
    attempt = _attempt_of(event)
    try:
        # Somebody else's payment by the same account has no attempt here: there is nothing to do.
        if attempt is not None:
            paying.ask(attempt, now=now)
    except ProviderUnavailable:
        later = now + _TRY_AFTER[min(event.tries, _MOST_TRIES - 1) - 1]
        _close(event, try_at=later)
    except ProviderRefused as error:
        _close(event, error=str(error)[:300] or _("The gateway refuses to answer."))
    else:
        _close(event, handled_at=now)


def handle_again(event: GatewayEvent, *, now: datetime) -> None:
    """Put a notice back into the queue, whatever became of it before."""
    GatewayEvent.objects.filter(pk=event.pk).update(handled_at=None, error="", tries=0, try_at=now)


def _attempt_of(event: GatewayEvent) -> PaymentAttempt | None:
    attempts = PaymentAttempt.objects.filter(account=event.account_id).select_related(
        "account__organization", "order"
    )
    found = attempts.filter(reference=event.reference).first() if event.reference else None
    if found is None and event.transaction_id:
        # News of a refund or a dispute may name only what was paid.
        found = (
            attempts.filter(transactions__gateway_id=event.transaction_id).first()
            or attempts.filter(gateway_id=event.transaction_id).first()
        )
    return found


def _close(event: GatewayEvent, **fields) -> None:
    GatewayEvent.objects.filter(pk=event.pk, handled_at__isnull=True).update(**fields)
