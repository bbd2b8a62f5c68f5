"""What carriers' statements of cash lead to, done where it can wait and be repeated."""

from celery import shared_task
from django.utils import timezone, translation
from django_scopes import scope, scopes_disabled

from logistics.models import CashLine
from shop.models import Organization

from . import cash_following

# So many lines at most are looked at by one round of the sweeper.
_ROUND = 5_000


@shared_task
def follow_statement(*, organization_id: str, statement_id: str) -> None:
    """Let orders follow every line of a statement that is due."""
    organization = Organization.objects.get(pk=organization_id)
    now = timezone.now()
    with scope(organization=organization), translation.override(organization.language):
        due = CashLine.objects.filter(statement=statement_id, follow_at__lte=now)
        for line_id in list(due.order_by("row").values_list("pk", flat=True)):
            cash_following.follow(line_id, now=now)


@shared_task
def sweep() -> None:
    """Queue the statements of which a line is due: forgotten by a killed worker, or waiting."""
    # Across organizations, keys only: each task opens its own scope.
    with scopes_disabled():
        due = CashLine.objects.filter(follow_at__lte=timezone.now()).order_by("follow_at")[:_ROUND]
        found = set(due.values_list("statement__organization_id", "statement_id"))
    for organization_id, statement_id in found:
        follow_statement.delay(organization_id=str(organization_id), statement_id=str(statement_id))
