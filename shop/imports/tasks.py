"""Work of imports that goes on by itself; the sweeper finds what a killed worker left."""

from datetime import timedelta

from celery import shared_task
from django.db.models import Q
from django.utils import timezone, translation
from django_scopes import scope, scopes_disabled

from ..models import ImportPicture, ImportRow, Organization, ProductImport
from . import fetching, running

_ROUND = 100
# A file that nobody started, and rows with errors that nobody corrected, are kept so long.
_FORGOTTEN = timedelta(days=14)


@shared_task
def carry_on(*, organization_id: str, import_id: str) -> None:
    """Do what there is to do on an import, then fetch its pictures."""
    organization = Organization.objects.get(pk=organization_id)
    with scope(organization=organization), translation.override(organization.language):
        running.carry_on(import_id)
        if ImportPicture.objects.filter(status=ImportPicture.Status.WAITING).exists():
            fetch_pictures.delay(organization_id=organization_id)


@shared_task
def fetch_pictures(*, organization_id: str) -> None:
    """Fetch pictures for a while; the sweeper comes for what is left."""
    organization = Organization.objects.get(pk=organization_id)
    with scope(organization=organization), translation.override(organization.language):
        fetching.fetch(organization)


@shared_task
def sweep() -> None:
    """Queue imports that nobody works at and pictures that are due; drop what was forgotten."""
    now = timezone.now()
    # Across organizations, keys only: each task opens its own scope.
    with scopes_disabled():
        left = list(
            ProductImport.objects.filter(
                Q(claimed_until__isnull=True) | Q(claimed_until__lt=now),
                status__in=ProductImport.AT_WORK,
            ).values_list("pk", "organization_id")[:_ROUND]
        )
        due = list(
            ImportPicture.objects.filter(status=ImportPicture.Status.WAITING, due_at__lte=now)
            .order_by()
            .values_list("organization_id", flat=True)
            .distinct()[:_ROUND]
        )
        ProductImport.objects.filter(
            status=ProductImport.Status.READY, created_at__lt=now - _FORGOTTEN
        ).delete()
        ImportRow.objects.filter(
            product_import__status__in=[ProductImport.Status.DONE, ProductImport.Status.FAILED],
            product_import__created_at__lt=now - _FORGOTTEN,
        ).delete()
    for key, organization_id in left:
        carry_on.delay(organization_id=str(organization_id), import_id=str(key))
    for organization_id in due:
        fetch_pictures.delay(organization_id=str(organization_id))
