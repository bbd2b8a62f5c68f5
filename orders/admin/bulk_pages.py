"""The pages of a step for many orders: what will change, and what did."""

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .. import documents
from . import bulk, order_page, sight
from .steps import BY_NAME


def answer(request, chosen, step_name: str, admin):
    """Show what would change; once that is confirmed, do it and tell."""
    with_money = sight.sees_money(request)
    is_confirmed = bool(request.POST.get("confirmed"))
    found = bulk.preview(
        step_name,
        _whole(chosen),
        words=lambda order: sight.status_words(order, with_money=with_money),
        data=request.POST if is_confirmed else None,
    )
    # What was answered wrongly is asked again before anything is done.
    if is_confirmed and all(form.is_valid() for _order, form in found.changed):
        done, failed = bulk.run(step_name, found, actor=request.user)
        if done:
            messages.success(
                request,
                ngettext("%(count)d order changed.", "%(count)d orders changed.", len(done))
                % {"count": len(done)},
            )
        for order, reason in failed:
            messages.warning(request, f"{order}: {reason}")
        return None
    context = {
        **admin.admin_site.each_context(request),
        "title": BY_NAME[step_name].label,
        "opts": admin.opts,
        "changed": found.changed,
        "skipped": found.skipped,
        "action": step_name,
        "checkbox": ACTION_CHECKBOX_NAME,
        "most": bulk.MOST,
        "media": admin.media,
    }
    return TemplateResponse(request, "admin/orders/bulk.html", context)


def print_slips(request, chosen, admin):
    """Give the packing slips of the chosen orders as one file."""
    orders = list(_whole(chosen)[: bulk.MOST])
    if not orders:
        return None
    return HttpResponse(
        documents.packing_slips(orders),
        content_type="application/pdf",
        headers={
            "Content-Disposition": 'inline; filename="' + _("packing") + '.pdf"',
            "Cache-Control": "no-store, private",
        },
    )


def _whole(chosen):
    keys = list(chosen.values_list("pk", flat=True)[: bulk.MOST])
    return order_page.rows().filter(pk__in=keys).order_by("number")
