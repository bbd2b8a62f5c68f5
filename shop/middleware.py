"""What every request needs before a view: the organization, the language, the membership."""

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django_scopes import scope

from . import organizations, roles

# Answered for any host: a balancer asks by address, not by name.
HOSTLESS = ("/healthz", "/readyz", "/metrics")


class OrganizationMiddleware:
    """Open the scope of the organization at this host for the whole request."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path in HOSTLESS:
            request.organization = None
            return self.get_response(request)
        organization = organizations.at_host(organizations.host_of(request))
        if organization is None:
            return HttpResponse(render_to_string("unknown_host.html"), status=404)
        request.organization = organization
        with scope(organization=organization), timezone.override(organization.timezone):
            return self.get_response(request)


class LanguageMiddleware:
    """Speak the language the visitor chose, else the organization's."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.known = {code for code, _name in settings.LANGUAGES}

    def __call__(self, request):
        language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        if language not in self.known:
            organization = request.organization
            language = organization.language if organization else settings.LANGUAGE_CODE
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class MembershipMiddleware:
    """Let the signed-in person's membership answer for them while the request lasts."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        membership = None
        # Without a session cookie nobody is signed in, and the session stays untouched.
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        if has_session and request.organization and request.user.is_authenticated:
            membership = organizations.membership_at(request.organization, request.user)
        request.membership = membership
        with roles.acting_as(membership):
            return self.get_response(request)
