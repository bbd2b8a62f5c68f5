"""What a visitor sees when a page is missing or something failed."""

import logging

from django.http import HttpResponse, HttpResponseNotFound, HttpResponseServerError, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from . import shell

logger = logging.getLogger(__name__)

# For the day when even our templates cannot be read.
_LAST_RESORT = (
    "<!doctype html><meta charset=utf-8><title>Error</title>"
    "<p>Algo falló de nuestro lado. Intenta de nuevo en un minuto.</p>"
    "<p>Something failed on our side. Try again in a minute.</p>"
)


def page_not_found(request, exception=None) -> HttpResponse:
    """Show the shop around the news, with a search; strangers and their sessions stay apart."""
    organization = getattr(request, "organization", None)
    if organization is None:
        return HttpResponseNotFound(render_to_string("unknown_host.html"))
    values = {
        **shell.around(organization),
        "page_title": _("We could not find that page"),
        "robots": "noindex",
    }
    return HttpResponseNotFound(render_to_string("404.html", values))


def server_error(request) -> HttpResponse:
    """Say that it is our fault, with nothing that could fail again: no rows, no session."""
    if request.path.startswith("/api/"):
        message = _("Something failed on our side. Try again in a minute.")
        error = {"code": "server_error", "message": message, "fields": {}}
        return JsonResponse(error, status=500)
    try:
        return HttpResponseServerError(render_to_string("500.html"))
    # Whatever broke the template must not hide the first error from the log.
    except Exception:
        logger.exception("The page for errors could not be written")
        return HttpResponseServerError(_LAST_RESORT)
