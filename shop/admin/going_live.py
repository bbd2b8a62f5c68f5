"""The page that says what a shop lacks before it sells for real."""

from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from .. import readiness


def page_view(site, request):
    """Show every point, what is wrong first, with a link for whoever may mend it."""
    points = [
        {
            "point": point,
            "may_mend": bool(point.url) and request.user.has_perm(point.permission),
        }
        for point in readiness.points(request.organization)
    ]
    points.sort(key=lambda one: not one["point"].problems)
    wrong = sum(bool(one["point"].problems) for one in points)
    context = {
        **site.each_context(request),
        "title": _("Ready to sell"),
        "points": points,
        "wrong": wrong,
        "is_live": request.organization.is_live,
    }
    return TemplateResponse(request, "admin/shop/going_live.html", context)
