"""The admin's own site: whom it lets in, and how it looks for each shop."""

from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from config.lib.planning import planned_each_time

from . import going_live, look, overview, quick_find

# Pages of Django that we answer elsewhere or not at all: passwords are changed in the account,
# and rows are opened through their own admin.
_DROPPED = {"password_change", "password_change_done", "view_on_site", "search"}


class Choices(AutocompleteJsonView):
    """What an autocomplete field offers, as people call it."""

    def serialize_result(self, obj, to_field_name):
        named = getattr(obj, "full_label", None) or str(obj)
        return {**super().serialize_result(obj, to_field_name), "text": named}


class BackOffice(UnfoldAdminSite):
    """The back-office of the shop at this host, for the people who work in it."""

    index_title = _("Today")
    final_catch_all_view = False
    enable_nav_sidebar = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._pages = []

    def add_page(self, route: str, view, *, name: str) -> None:
        """Let an app above add a page that is about no single model."""
        self._pages.append((route, view, name))

    def has_permission(self, request):
        return request.user.is_active and request.user.is_staff

    def get_urls(self):
        kept = [url for url in super().get_urls() if getattr(url, "name", None) not in _DROPPED]
        return [
            path("marca.css", self.admin_view(self.brand), name="brand"),
            path("encontrar/", self.admin_view(self.find), name="find"),
            path("antes-de-abrir/", self.admin_view(self.going_live), name="going-live"),
            *(path(route, self.admin_view(view), name=name) for route, view, name in self._pages),
            *kept,
        ]

    def admin_view(self, view, cacheable=False):
        """Give every page of the back-office its own policy, and plans for what it asks."""
        policy = csp_replace(settings.ADMIN_CONTENT_SECURITY_POLICY)
        return policy(planned_each_time()(super().admin_view(view, cacheable)))

    def login(self, request, extra_context=None):
        """Send people to the one sign-in page there is."""
        if self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        return redirect_to_login(reverse("admin:index"))

    def brand(self, request):
        """Give the shop's colours as a style sheet, so that no page needs an inline style."""
        response = HttpResponse(look.stylesheet(request.organization), content_type="text/css")
        # The address changes with the colours (look.styles).
        response["Cache-Control"] = "private, max-age=86400"
        return response

    def find(self, request):
        """Answer quick find: as a page, or what the palette shows."""
        return quick_find.find_view(self, request)

    def going_live(self, request):
        """Say what the shop lacks before it sells for real."""
        return going_live.page_view(self, request)

    def index(self, request, extra_context=None):
        context = {**overview.page(request), **(extra_context or {})}
        return super().index(request, context)

    def get_app_list(self, request, app_label=None):
        # Django lists every model for every page; people see the navigation that look.py gives.
        return super().get_app_list(request, app_label) if app_label else []

    def each_context(self, request):
        context = super().each_context(request)
        return {**context, "colors": None, "is_test_mode": look.is_test_mode(request)}

    def autocomplete_view(self, request):
        if "\x00" in request.META.get("QUERY_STRING", "") or "\x00" in request.GET.get("term", ""):
            return HttpResponse(status=400)
        return Choices.as_view(admin_site=self)(request)


site = BackOffice(name="admin")
