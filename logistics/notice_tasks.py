"""Works off the kept notices of carriers: whoever wakes it, every waiting one is taken once."""

from celery import shared_task
from django.utils import timezone
from django_scopes import scopes_disabled

from . import notices
from .tasks import inside


@shared_task(ignore_result=True)
def sweep() -> None:
    """Claim the notices that wait, and queue each."""
    # Across organizations, keys only: each task opens its own scope.
    with scopes_disabled():
        claimed = notices.claim(now=timezone.now())
    for notice, organization in claimed:
        handle.apply_async(kwargs={"organization_id": str(organization), "notice_id": str(notice)})
    if len(claimed) == notices.ROUND:
        sweep.delay()


@shared_task(ignore_result=True)
def handle(*, organization_id: str, notice_id: str) -> None:
    """Ask a carrier about one notice."""
    with inside(organization_id):
        notices.handle(notice_id, now=timezone.now())
