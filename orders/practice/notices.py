"""The practice gateway's webhooks: signed, and sometimes late or twice."""

from celery import shared_task
from django.utils import timezone
from django_scopes import scope

from shop.models import Organization

from .. import webhooks
from ..models import PracticePayment
from . import gateway


def deliver(reference: str, transaction_id: str, *, times: int = 1) -> None:
    """Bring the signed notice about a transaction to the shop's door, as often as asked."""
    now = timezone.now()
    payment = PracticePayment.objects.select_related("account__organization").get(
        reference=reference
    )
    headers, body = gateway.notice(reference, transaction_id, now=now)
    for _time in range(times):
        webhooks.receive(payment.account, headers, body, now=now)


@shared_task
def answer_late(*, organization_id: str, reference: str, transaction_id: str) -> None:
    """Approve what was left to be answered late, and tell the shop."""
    with scope(organization=Organization.objects.get(pk=organization_id)):
        gateway.decide(reference, gateway.Choice.APPROVE, now=timezone.now())
        deliver(reference, transaction_id)
