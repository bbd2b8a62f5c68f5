"""The home page, the menus and the banners: put together, looked at, then published."""

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanWidget

from .. import audit, front, pictures, previews
from ..models import AuditEntry, Banner, Category, Front, HomeBlock, MenuItem
from ..storefront import posts, surroundings
from .base import RowAdmin, RowForm
from .catalogue import CategoryChoice
from .fields import PictureField, thumbnail
from .look import here
from .site import site

_OVERVIEW = "admin:shop_front_changelist"


@admin.register(Front, site=site)
class FrontAdmin(RowAdmin):
    """One page over everything that stands around the products."""

    pages = ("changelist",)

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("publicar/", view(self.publish_view), name=self.page_address("publish")),
            path("empezar/", view(self.start_view), name=self.page_address("start")),
            *super().get_urls(),
        ]

    def has_add_permission(self, request):
        return False

    def changelist_view(self, request, extra_context=None):
        organization = here()
        shown = Front.objects.filter(organization=organization).first()
        token = previews.token(organization, previews.FRONT, organization.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Home page and menu"),
            "opts": self.opts,
            "published_label": shown and posts.date_label(shown.published_at),
            "has_changes": front.has_changes(organization),
            "may_change": request.user.has_perm("shop.change_front"),
            "preview_url": reverse("shop:front-preview", args=[token]),
            "usual": [HomeBlock.Kind(block["kind"]).label for block in front.USUAL_BLOCKS],
            "parts": _parts(organization),
        }
        return TemplateResponse(request, "admin/shop/front.html", context)

    def publish_view(self, request):
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        with transaction.atomic():
            published = front.publish(here(), now=timezone.now())
            after = {"published_at": published.published_at}
            audit.record(
                here(), request.user, AuditEntry.Action.CHANGED, published, before={}, after=after
            )
        messages.success(request, gettext("Published: visitors see it now."))
        return HttpResponseRedirect(reverse(_OVERVIEW))

    def start_view(self, request):
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        with transaction.atomic():
            for block in front.start(here()):
                self.record(request, AuditEntry.Action.ADDED, block, after=audit.snapshot(block))
        return HttpResponseRedirect(reverse(_OVERVIEW))


def _parts(organization) -> list[dict]:
    """Give the blocks, menus and banners as the overview lists them."""
    items = list(organization.menu_items.select_related("category", "product", "post", "parent"))
    below: dict = {}
    for item in items:
        below.setdefault(item.parent_id, []).append(item)
    menus = {
        place: [
            row
            for item in below.get(None, ())
            if item.place == place
            for row in (item, *below.get(item.pk, ()))
        ]
        for place in MenuItem.Place
    }
    blocks = list(organization.home_blocks.all())
    banners = list(organization.banners.select_related("category"))
    return [
        _part("homeblock", _("Home page"), blocks, _("Add a block")),
        _part("menuitem", _("Menu of the header"), menus["header"], _("Add a link"), "header"),
        _part("menuitem", _("Menu of the footer"), menus["footer"], _("Add a link"), "footer"),
        _part("banner", _("Banners"), banners, _("Add a banner")),
    ]


def _part(model: str, title, rows: list, add_label, place: str = "") -> dict:
    add_url = reverse(f"admin:shop_{model}_add")
    return {
        "model": model,
        "title": title,
        "add_url": f"{add_url}?place={place}" if place else add_url,
        "add_label": add_label,
        "place": place,
        "rows": [
            {
                "label": _label(row),
                "kind_label": _kind_label(row),
                "is_active": row.is_active,
                "is_below": bool(getattr(row, "parent_id", None)),
                "url": reverse(f"admin:shop_{model}_change", args=[row.pk]),
                "step_url": reverse(f"admin:shop_{model}_step", args=[row.pk]),
            }
            for row in rows
        ],
    }


def _label(row) -> str:
    if isinstance(row, MenuItem) and row.kind == MenuItem.Kind.PAGE and not row.label:
        return dict(surroundings.page_choices()).get(row.page, row.page)
    return str(row)


def _kind_label(row) -> str:
    if isinstance(row, HomeBlock) and row.kind == HomeBlock.Kind.PRODUCTS:
        return row.get_source_display()
    if isinstance(row, HomeBlock) and not row.title:
        return gettext("with our usual words")
    if not isinstance(row, Banner):
        return row.get_kind_display()
    now, words = timezone.now(), [row.get_place_display()]
    if row.category:
        words.append(str(row.category))
    if row.starts_at and row.starts_at > now:
        words.append(gettext("from %(day)s") % {"day": posts.date_label(row.starts_at)})
    if row.ends_at:
        is_over = row.ends_at <= now
        ended = gettext("ended on %(day)s") if is_over else gettext("until %(day)s")
        words.append(ended % {"day": posts.date_label(row.ends_at)})
    return " · ".join(words)


class PartAdmin(RowAdmin):
    """What the rows of the overview share: their order, on or off, a picture, the way back."""

    def get_urls(self):
        return [
            path(
                "<path:object_id>/paso/",
                self.admin_site.admin_view(self.step_view),
                name=self.page_address("step"),
            ),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        return HttpResponseRedirect(reverse(_OVERVIEW))

    @transaction.atomic
    def step_view(self, request, object_id):
        """Move a row up or down among its neighbours, or show and hide it."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        step = request.POST.get("step")
        if step in ("show", "hide"):
            self.change(request, row, is_active=step == "show")
        elif step in ("up", "down"):
            self._move(request, row, -1 if step == "up" else 1)
        return HttpResponseRedirect(f"{reverse(_OVERVIEW)}#{self.opts.model_name}")

    def _move(self, request, row, by):
        rows = front.in_order(row)
        at = next(place for place, other in enumerate(rows) if other.pk == row.pk)
        to = min(max(at + by, 0), len(rows) - 1)
        rows.insert(to, rows.pop(at))
        for position, other in enumerate(rows):
            if other.position != position:
                self.change(request, other, position=position)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.related_model is Category:
            kwargs["form_class"] = CategoryChoice
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @display(description=_("picture"))
    def shown_picture(self, row):
        return thumbnail(row.picture, size="large")

    def save_model(self, request, obj, form, change):
        image = form.cleaned_data.get("picture_file")
        if image is not None:
            before, obj.picture = obj.picture, pictures.save(image, here())
            front.release(here(), before)
        elif form.cleaned_data.get("without_picture") and obj.picture:
            before, obj.picture = obj.picture, None
            front.release(here(), before)
        if not change:
            # At the end of its list, which may have gaps.
            obj.position = max((row.position for row in front.in_order(obj)), default=-1) + 1
        super().save_model(request, obj, form, change)

    def delete_model(self, request, obj):
        front.release(here(), getattr(obj, "picture", None))
        super().delete_model(request, obj)

    def get_deleted_objects(self, objs, request):
        return [str(row) for row in objs], {}, set(), []


class _PictureForm(RowForm):
    picture_file = PictureField(label=_("new picture"), required=False)
    without_picture = forms.BooleanField(
        label=_("without a picture"), required=False, widget=UnfoldBooleanWidget
    )


class HomeBlockForm(_PictureForm):
    def clean(self):
        values = super().clean()
        if values.get("kind") == HomeBlock.Kind.QUOTE and not values.get("text"):
            self.add_error("text", gettext("Write what the customer says."))
        lists = (values.get("kind"), values.get("source"), values.get("category"))
        if lists == (HomeBlock.Kind.PRODUCTS, HomeBlock.Source.CATEGORY, None):
            self.add_error("category", gettext("Choose the category."))
        return values


@admin.register(HomeBlock, site=site)
class HomeBlockAdmin(PartAdmin):
    form = HomeBlockForm
    readonly_fields = ["shown_picture"]
    search_fields = ["title"]
    autocomplete_fields = ["products"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "kind",
                    "title",
                    "text",
                    "source",
                    "category",
                    "products",
                    "post_kind",
                    "most",
                    "link_label",
                    "link_address",
                    "shown_picture",
                    "picture_file",
                    "without_picture",
                    "is_active",
                ]
            },
        ),
    ]
    conditional_fields = {
        "text": "['hero', 'text', 'quote'].includes(kind)",
        "link_label": "['hero', 'text', 'products', 'posts'].includes(kind)",
        "link_address": "['hero', 'text', 'products', 'posts'].includes(kind)",
        "shown_picture": "['hero', 'text', 'quote'].includes(kind)",
        "picture_file": "['hero', 'text', 'quote'].includes(kind)",
        "without_picture": "['hero', 'text', 'quote'].includes(kind)",
        "source": "kind == 'products'",
        "category": "kind == 'products' && source == 'category'",
        "products": "kind == 'products' && source == 'chosen'",
        "post_kind": "kind == 'posts'",
        "most": "['products', 'posts'].includes(kind)",
    }

    def save_related(self, request, form, formsets, change):
        # One by one, so that they keep the order in which they were chosen.
        chosen = form.cleaned_data.pop("products", None)
        super().save_related(request, form, formsets, change)
        if chosen is not None:
            keys = form.data.getlist("products")
            by_key = {str(product.pk): product for product in chosen}
            form.instance.products.clear()
            for key in dict.fromkeys(keys):
                if key in by_key:
                    form.instance.products.add(by_key[key])


class MenuItemForm(RowForm):
    page = forms.ChoiceField(
        label=_("page of the shop"), required=False, widget=UnfoldAdminSelectWidget
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "page" in self.fields:
            self.fields["page"].choices = [("", "—"), *surroundings.page_choices()]
        if "parent" in self.fields:
            above = MenuItem.objects.filter(place="header", parent=None)
            above = above.exclude(pk=self.instance.pk)
            self.fields["parent"].queryset = above.select_related("category", "product", "post")

    def clean(self):
        values = super().clean()
        kind, parent = values.get("kind"), values.get("parent")
        if kind and not values.get(kind) and kind not in self.errors:
            self.add_error(kind, gettext("Say where it leads."))
        if kind == MenuItem.Kind.ADDRESS and not values.get("label"):
            self.add_error("label", gettext("An address needs words."))
        if parent and values.get("place") != MenuItem.Place.HEADER:
            self.add_error("parent", gettext("Links of the footer stand side by side."))
        if parent and self.instance.children.exists():
            self.add_error("parent", gettext("It has links below it and cannot stand below one."))
        return values


@admin.register(MenuItem, site=site)
class MenuItemAdmin(PartAdmin):
    form = MenuItemForm
    search_fields = ["label"]
    autocomplete_fields = ["product", "post"]
    fields = [
        ("place", "parent"),
        "kind",
        "category",
        "product",
        "post",
        "page",
        "address",
        "label",
        "is_active",
    ]
    conditional_fields = {
        "parent": "place == 'header'",
        "category": "kind == 'category'",
        "product": "kind == 'product'",
        "post": "kind == 'post'",
        "page": "kind == 'page'",
        "address": "kind == 'address'",
    }


class BannerForm(_PictureForm):
    def clean(self):
        values = super().clean()
        if values.get("link_label") and not values.get("link_address"):
            self.add_error("link_address", gettext("Say where it leads."))
        return values


@admin.register(Banner, site=site)
class BannerAdmin(PartAdmin):
    form = BannerForm
    search_fields = ["text"]
    readonly_fields = ["shown_picture"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "text",
                    ("link_label", "link_address"),
                    ("place", "category"),
                    "colour",
                    "starts_at",
                    "ends_at",
                    ("is_active", "is_dismissible"),
                ]
            },
        ),
        (_("Picture"), {"fields": ["shown_picture", "picture_file", "without_picture"]}),
    ]
    conditional_fields = {"category": "place == 'category'"}
