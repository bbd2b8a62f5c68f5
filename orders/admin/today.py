"""What waits for somebody today, on the first page."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from shop.admin import overview

from ..models import Refund
from . import queues, sight


def work(request) -> list[dict]:
    """Give the queues that hold something for who may work on them, and refunds that are late."""
    if not request.user.has_perm("orders.view_order"):
        return []
    with_money = sight.sees_money(request)
    figures = [
        {"label": tab["label"], "number": tab["count"], "url": tab["url"]}
        for tab in queues.tabs("", with_money=with_money)
        if "count" in tab and (not tab["is_empty"] or "queue=prepare" in tab["url"])
    ]
    if with_money:
        late = Refund.objects.exclude(status=Refund.Status.DONE).filter(
            due_on__lt=timezone.localdate()
        )
        count = late.order_by()[: queues.MOST + 1].count()
        if count:
            address = reverse("admin:orders_refund_changelist")
            label, number = _("Refunds overdue"), str(min(count, queues.MOST))
            figures.append({"label": label, "number": number, "url": f"{address}?due=late"})
    return figures


overview.add(work)
