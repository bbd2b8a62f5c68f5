"""What every view of the API does: speak the client's language, refuse unknown addresses."""

from contextlib import ExitStack

from django.conf import settings
from django.http import Http404
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import trans_real
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView


def language_of(request) -> str:
    """Give the language of the visitor's choice, of the Accept-Language header, or of the shop."""
    known = dict(settings.LANGUAGES)
    if request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) not in known:
        header = request.headers.get("Accept-Language", "")
        for wanted, _weight in trans_real.parse_accept_lang_header(header):
            if wanted.partition("-")[0] in known:
                return wanted.partition("-")[0]
    return translation.get_language()


class ApiView(APIView):
    """A view in the client's language; `self.during` holds what lasts as long as the request."""

    def dispatch(self, request, *args, **kwargs):
        with translation.override(language_of(request)), ExitStack() as self.during:
            return super().dispatch(request, *args, **kwargs)

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Content-Language"] = translation.get_language()
        # Answers differ by person, and a client may keep them only to ask whether they still hold.
        response.headers.setdefault("Cache-Control", "private, no-cache")
        patch_vary_headers(response, ["Accept-Language", "Authorization", "Cookie"])
        return response


@extend_schema(exclude=True)
class UnknownAddress(ApiView):
    """Any address below /api/ that is none of ours: a 404 in the API's own shape."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()

    def initial(self, request, *args, **kwargs):
        raise Http404
