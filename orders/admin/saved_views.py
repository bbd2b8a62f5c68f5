"""Views of a list that a person saved for themselves: filters, search and order under a name."""

from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib.admin.views.main import ORDER_VAR, SEARCH_VAR
from django.http import QueryDict
from django.utils.translation import gettext as _

from config.lib.fields import validate_line
from shop.models import SavedView

MOST = 20
_LONGEST_QUERY = 500


class SavedViewForm(forms.Form):
    name = forms.CharField(max_length=40, validators=[validate_line])
    query = forms.CharField(max_length=2_000, required=False)


def of(request, list_name: str, *, address: str) -> list[dict]:
    """Give the person's views of a list as links; the one that is shown is marked."""
    shown = request.GET.urlencode()
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


def save(request, list_name: str, *, name: str, query: str, known: set[str]) -> str:
    """Keep what a person looks at under a name, and say what came of it."""
    views = SavedView.objects.filter(user=request.user, list=list_name)
    kept = clean(query, known=known)
    if not kept:
        return _("Search or filter first, then save the view.")
    if views.exclude(name=name).count() >= MOST:
        return _("You have %(most)d saved views. Delete one first.") % {"most": MOST}
    views.update_or_create(
        organization=request.organization,
        user=request.user,
        list=list_name,
        name=name,
        defaults={"query": kept},
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


def clean(query: str, *, known: set[str]) -> str:
    """Keep only what the list knows to read."""
    allowed = known | {SEARCH_VAR, ORDER_VAR}
    pairs = [pair for pair in _sorted(query) if pair[0] in allowed and pair[1]]
    kept = urlencode(pairs)
    return kept if len(kept) <= _LONGEST_QUERY else ""


def _sorted(query: str) -> list[tuple[str, str]]:
    return sorted((name, value) for name, values in QueryDict(query).lists() for value in values)
