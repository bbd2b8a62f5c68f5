"""Views of a list that a person saved for themselves: filters, search and order under a name."""

from collections.abc import Callable
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin.views.main import ORDER_VAR, SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect, QueryDict
from django.urls import path, reverse
from django.utils.translation import gettext as _

from config.lib.fields import validate_line

from ..models import SavedView

MOST = 20
_LONGEST_QUERY = 500


class SavedViewForm(forms.Form):
    name = forms.CharField(max_length=40, validators=[validate_line])
    query = forms.CharField(max_length=2_000, required=False)


class SavedViewsMixin:
    """Gives a list of the back-office the views that each person saved of it."""

    list_before_template = "admin/shop/_list_tools.html"

    def get_urls(self):
        views = path(
            "vistas/",
            self.admin_site.admin_view(self.views_view),
            name=self.page_address("views"),
        )
        return [views, *super().get_urls()]

    def page_address(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def knows_parameter(self, request, name: str) -> bool:
        """Say whether this part of an address is one that a filter of the list reads."""
        if name in (SEARCH_VAR, ORDER_VAR):
            return True
        for one in self.get_list_filter(request):
            asked = one[0] if isinstance(one, tuple | list) else one
            if isinstance(asked, str):
                if name == asked or name.startswith((f"{asked}__", f"{asked}_")):
                    return True
            elif name == asked.parameter_name:
                return True
        return False

    def changelist_view(self, request, extra_context=None):
        # The list itself refuses who may not see it; before that there is nothing to show.
        context = {} if request.method == "POST" else self._views_context(request)
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def _views_context(self, request) -> dict:
        address = reverse(f"admin:{self.page_address('changelist')}")
        shown = clean(
            request.GET.urlencode(), knows=lambda name: self.knows_parameter(request, name)
        )
        return {
            "views": of(request, self._list_name, address=address, shown=shown),
            "views_address": reverse(f"admin:{self.page_address('views')}"),
            "shown_query": shown,
        }

    def views_view(self, request):
        """Save or forget a view of the list."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        address = reverse(f"admin:{self.page_address('changelist')}")
        if request.method != "POST":
            return HttpResponseRedirect(address)
        forgotten = key_of(request.POST.get("delete", ""))
        if forgotten:
            delete(request, self._list_name, forgotten)
            return HttpResponseRedirect(address)
        form = SavedViewForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Give the view a name of up to 40 letters."))
            return HttpResponseRedirect(address)
        kept = clean(
            form.cleaned_data["query"], knows=lambda name: self.knows_parameter(request, name)
        )
        told = save(request, self._list_name, name=form.cleaned_data["name"], query=kept)
        messages.info(request, told)
        return HttpResponseRedirect(f"{address}?{kept}")

    @property
    def _list_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"


def of(request, list_name: str, *, address: str, shown: str) -> list[dict]:
    """Give the person's views of a list as links; the one that is shown is marked."""
    views = SavedView.objects.filter(user=request.user, list=list_name)[:MOST]
    return [
        {
            "key": view.pk,
            "name": view.name,
            "url": f"{address}?{view.query}",
            "is_chosen": bool(shown) and _sorted(view.query) == _sorted(shown),
        }
        for view in views
    ]


def save(request, list_name: str, *, name: str, query: str) -> str:
    """Keep what a person looks at under a name, and say what came of it."""
    views = SavedView.objects.filter(user=request.user, list=list_name)
    if not query:
        return _("Search or filter first, then save the view.")
    if views.exclude(name=name).count() >= MOST:
        return _("You have %(most)d saved views. Delete one first.") % {"most": MOST}
    views.update_or_create(
        organization=request.organization,
        user=request.user,
        list=list_name,
        name=name,
        defaults={"query": query},
    )
    return _("The view “%(name)s” is saved.") % {"name": name}


def key_of(typed: str) -> UUID | None:
    """Read the key of a row that a form sent, or nothing."""
    try:
        return UUID(typed)
    except ValueError:
        return None


def delete(request, list_name: str, key: UUID) -> None:
    """Forget one of the person's own views."""
    SavedView.objects.filter(user=request.user, list=list_name, pk=key).delete()


def clean(query: str, *, knows: Callable[[str], bool]) -> str:
    """Keep only what the list knows to read."""
    kept = urlencode([pair for pair in _sorted(query) if pair[1] and knows(pair[0])])
    return kept if len(kept) <= _LONGEST_QUERY else ""


def _sorted(query: str) -> list[tuple[str, str]]:
    return sorted((name, value) for name, values in QueryDict(query).lists() for value in values)
