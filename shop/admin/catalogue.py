"""Categories and benefits: the shelves and the labels of the shop."""

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import Count, Exists, OuterRef
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from config.lib import text

from .. import audit, catalogue, page_cache, pictures
from ..models import AuditEntry, Benefit, Category, Product
from .base import RowAdmin, RowForm
from .fields import PictureField, thumbnail
from .look import here
from .site import site

_DEEPEST = 6


def in_tree_order(categories) -> list[tuple[Category, int]]:
    """Give each category with its depth, parents before their children."""
    by_parent: dict = {}
    for category in categories:
        by_parent.setdefault(category.parent_id, []).append(category)
    ordered: list = []

    def walk(parent_id, depth):
        for category in by_parent.get(parent_id, ()):
            ordered.append((category, depth))
            if depth < _DEEPEST:
                walk(category.pk, depth + 1)

    walk(None, 0)
    return ordered


class CategoryChoice(forms.ModelChoiceField):
    """A category, chosen from the tree."""

    def label_from_instance(self, category):
        return f"{'— ' * self.depths.get(category.pk, 0)}{category.name}"

    @property
    def depths(self):
        if not hasattr(self, "_depths"):
            self._depths = {
                category.pk: depth for category, depth in in_tree_order(self.queryset.all())
            }
        return self._depths


class SlugForm(RowForm):
    """A form that proposes the address when it is left empty."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = _("Part of the page's address. Empty: from the name.")

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("name") and not cleaned.get("slug") and "slug" not in self.errors:
            cleaned["slug"] = self.propose_slug(cleaned["name"])
        return cleaned

    def propose_slug(self, name):
        taken = type(self.instance).objects.exclude(pk=self.instance.pk)
        return text.free_slug(name, taken=set(taken.values_list("slug", flat=True)), length=60)


class CategoryForm(SlugForm):
    unique_here = {"slug": _("Another category already has this address.")}
    picture_file = PictureField(label=_("picture"), required=False)

    def clean_parent(self):
        parent = self.cleaned_data["parent"]
        above, steps = parent, 0
        while above is not None:
            if above.pk == self.instance.pk:
                raise forms.ValidationError(_("A category cannot stand inside itself."))
            if steps >= _DEEPEST - 1:
                raise forms.ValidationError(_("Categories cannot stand this deep."))
            above, steps = above.parent, steps + 1
        return parent


@admin.register(Category, site=site)
class CategoryAdmin(RowAdmin):
    form = CategoryForm
    list_display = ["tree_name", "slug", "product_count", "is_listed"]
    list_display_links = ["tree_name"]
    list_filter = ["is_listed"]
    search_fields = ["name", "slug"]
    list_per_page = 200
    fieldsets = [
        (None, {"fields": ["name", "slug", "parent", "position", "is_listed"]}),
        (_("What it shows"), {"fields": ["description", "shown_picture", "picture_file"]}),
    ]
    readonly_fields = ["shown_picture"]

    def get_urls(self):
        return [
            path(
                "<path:object_id>/mover/",
                self.admin_site.admin_view(self.move_view),
                name=self.page_address("move"),
            ),
            *super().get_urls(),
        ]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("parent")

    def get_list_display(self, request):
        may_move = request.user.has_perm("shop.change_category")
        return [*super().get_list_display(request), *(["moves"] if may_move else [])]

    @display(description=_("order"))
    def moves(self, category):
        """Two buttons of the list's own form, which has the token."""
        address = reverse(f"admin:{self.page_address('move')}", args=[category.pk])
        buttons = (
            (address, way, gettext(words) % {"name": category.name}, arrow)
            for way, words, arrow in (
                ("up", gettext_noop("Move %(name)s up"), "↑"),
                ("down", gettext_noop("Move %(name)s down"), "↓"),
            )
        )
        return format_html_join(
            "",
            '<button class="move-button" type="submit" formaction="{}" name="way" value="{}" '
            'aria-label="{}">{}</button>',
            buttons,
        )

    def move_view(self, request, object_id):
        """Put a category before or after its neighbour on the same shelf."""
        category = self.get_object(request, object_id)
        if category is None:
            raise Http404
        way = request.POST.get("way")
        if request.method == "POST" and way in ("up", "down"):
            with transaction.atomic():
                before = audit.snapshot(category)
                moved = catalogue.move_category(category, by=-1 if way == "up" else 1)
                after = audit.snapshot(moved)
                self.record(request, AuditEntry.Action.CHANGED, moved, before=before, after=after)
        return HttpResponseRedirect(reverse(f"admin:{self.page_address('changelist')}"))

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        rows = list(changelist.result_list)
        # In the order of the tree, unless a person searched or sorted.
        if not changelist.query and "o" not in request.GET and not changelist.has_active_filters:
            tree = in_tree_order(rows)
            known = {row.pk for row, _depth in tree}
            tree += [(row, 0) for row in rows if row.pk not in known]
        else:
            tree = [(row, 0) for row in rows]
        counts = dict(
            Product.objects.filter(category__in=rows)
            .order_by()
            .values_list("category")
            .annotate(Count("pk"))
        )
        for row, depth in tree:
            row.depth, row.products_inside = depth, counts.get(row.pk, 0)
        changelist.result_list = [row for row, _depth in tree]
        return changelist

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "parent":
            kwargs["form_class"] = CategoryChoice
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @display(description=_("name"), ordering="name")
    def tree_name(self, category):
        return format_html(
            '<span class="tree is-depth-{}">{}</span>', category.depth, category.name
        )

    @display(description=_("products"))
    def product_count(self, category):
        return category.products_inside

    @display(description=_("picture"))
    def shown_picture(self, category):
        return thumbnail(category.picture, size="large")

    def save_model(self, request, obj, form, change):
        image = form.cleaned_data.get("picture_file")
        if image is not None:
            obj.picture = pictures.replace(obj.picture, image, here())
        super().save_model(request, obj, form, change)
        renamed = change and {"name", "slug"} & set(form.changed_data)
        if renamed:
            # The name of the category is part of what its products are found by.
            catalogue.refresh(obj.products.values_list("pk", flat=True))
        page_cache.invalidate(obj.organization_id)

    def delete_model(self, request, obj):
        catalogue.remove_category(obj)


class UsedFilter(admin.SimpleListFilter):
    """Benefits that products have, or those that none has."""

    title = _("products")
    parameter_name = "used"

    def users(self):
        return Product.benefits.through.objects.filter(benefit=OuterRef("pk"))

    def lookups(self, request, model_admin):
        return [("yes", _("With some")), ("no", _("With none"))]

    def queryset(self, request, queryset):
        if self.value() not in ("yes", "no"):
            return queryset
        wanted = Exists(self.users())
        return queryset.filter(wanted if self.value() == "yes" else ~wanted)


class BenefitForm(SlugForm):
    unique_here = {"slug": _("Another benefit already has this address.")}


@admin.register(Benefit, site=site)
class BenefitAdmin(RowAdmin):
    form = BenefitForm
    list_display = ["name", "slug"]
    list_filter = [UsedFilter]
    search_fields = ["name", "slug"]
    # Named, so that no form asks for the organization: it would list all of them.
    fields = ["name", "slug"]

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if change and form.changed_data:
            catalogue.refresh(obj.products.values_list("pk", flat=True))

    def delete_model(self, request, obj):
        affected = list(obj.products.values_list("pk", flat=True))
        super().delete_model(request, obj)
        catalogue.refresh(affected)
