"""How far an order is, for whoever knows its number: one word, counted, and nothing else."""

import re
from dataclasses import dataclass
from math import ceil

from django.conf import settings

from config.lib import counting, visitor

from .. import progress
from ..models import Order


@dataclass(frozen=True)
class Found:
    """What was asked and what may be told; `wait` are the seconds until the next question."""

    asked: str = ""
    state: str = ""
    wait: int = 0


def look(request) -> Found:
    """Answer a question by number; one query, whether there is such an order or not."""
    asked = request.GET.get("numero", "").strip()[:20]
    if not asked:
        return Found()
    who = f"tracking:{request.organization.pk}:{visitor.network(request)}"
    # All windows count every question.
    wait = max(counting.wait(f"{who}:{rate}", rate) for rate in settings.TRACKING_RATES)
    if wait:
        return Found(asked, wait=ceil(wait))
    digits = re.fullmatch(r"#?\s*([0-9]{1,15})", asked)
    number = int(digits[1]) if digits else 0
    status = (
        Order.objects.filter(organization=request.organization, number=number)
        .values_list("status", flat=True)
        .first()
    )
    return Found(asked, state=progress.coarse(status) if status else "")
