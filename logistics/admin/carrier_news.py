"""What outside carriers put on the first page: who does not answer, and what they cannot know."""

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from shop.admin import overview
from shop.admin.filters import MeasuresFilter
from shop.admin.overview import Waiting
from shop.models import Variant

from ..models import CarrierAccount, Origin
from .accounts import AnswersFilter


def waiting(request) -> list[Waiting]:
    """Give carriers with a problem, without a place to send from, and goods nobody measured."""
    may = request.user.has_perm
    found, active = [], CarrierAccount.objects.filter(is_active=True)
    if may("logistics.view_carrieraccount"):
        carriers = reverse("admin:logistics_carrieraccount_changelist")
        origins = Origin.objects.filter(is_active=True, organization=OuterRef("organization"))
        found += [
            Waiting(
                _("Carriers that do not answer"),
                AnswersFilter.pick(CarrierAccount.objects.all()),
                f"{carriers}?answers=no",
                "sync_problem",
                is_urgent=True,
            ),
            Waiting(
                _("Carriers without a place of dispatch"),
                active.exclude(Exists(origins)),
                f"{carriers}?is_active__exact=1",
                "wrong_location",
            ),
        ]
    if may("shop.change_variant"):
        # Only carriers ask: without any it waits for nobody.
        asked = active.filter(is_quoted=True, organization=OuterRef("organization"))
        variants = reverse("admin:shop_variant_changelist")
        found.append(
            Waiting(
                _("Products without weight or size"),
                MeasuresFilter.pick(Variant.objects.filter(Exists(asked))),
                f"{variants}?measures=missing",
                "scale",
                is_quiet=True,
            )
        )
    return found


overview.add(waiting=waiting)
