"""Labels and hand-over lists of chosen shipments, as files to print."""

from datetime import date

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from logistics import documents
from logistics.models import DeliverySettings, Shipment
from logistics.models.shipments import State
from shop import audit
from shop.models import AuditEntry

# Before its carrier has it, and when it is taken back, nothing goes on a box.
_WITHOUT_LABEL = (State.PENDING, State.UNCERTAIN, State.REFUSED, State.CREATED, State.CANCELLED)
# A label of each is printed in seconds; more in one go is a slip of the mouse.
MOST = 500


def rows():
    """Give shipments with everything that their labels need."""
    return Shipment.objects.select_related("organization").prefetch_related("parcels")


def may_print(shipment: Shipment) -> bool:
    """Say whether there is a label: the carrier's, or ours once it may be put on a box."""
    return shipment.state not in _WITHOUT_LABEL


def labels(request, keys, *, name: str) -> HttpResponse | None:
    """Give the labels of these shipments on the paper of the shop; nothing when none is ready."""
    found = list(rows().filter(pk__in=keys).exclude(state__in=_WITHOUT_LABEL).order_by("pk")[:MOST])
    if not found:
        return None
    organization = request.organization
    settings = DeliverySettings.objects.filter(pk=organization.pk).first() or DeliverySettings()
    _note([one for one in found if one.label_printed_at is None], request)
    printed = documents.labels(found, paper=settings.label_format, language=organization.language)
    return pdf(printed, name)


@transaction.atomic
def _note(printed: list[Shipment], request) -> None:
    """Write down that these labels were printed for the first time."""
    now = timezone.now()
    fresh = Shipment.objects.filter(pk__in=[one.pk for one in printed], label_printed_at=None)
    fresh.update(label_printed_at=now)
    audit.record_all(
        request.organization,
        request.user,
        (
            (AuditEntry.Action.CHANGED, one, {"label_printed_at": None}, {"label_printed_at": now})
            for one in printed
        ),
    )


def handover_list(request, keys, on: date | None = None) -> HttpResponse | None:
    """Give the list to sign of these shipments; nothing when there are none."""
    found = list(rows().filter(pk__in=keys).order_by("pk")[:MOST])
    if not found:
        return None
    organization = request.organization
    content = documents.handover_list(
        organization, found, on=on or timezone.localdate(), language=organization.language
    )
    return pdf(content, _("hand-over"))


def pdf(content: bytes, name: str) -> HttpResponse:
    """Give a file to print; it holds people's addresses, so nobody between keeps it."""
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{name}.pdf"',
            "Cache-Control": "no-store, private",
            "X-Robots-Tag": "noindex",
        },
    )
