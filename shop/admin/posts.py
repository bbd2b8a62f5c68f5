"""Articles and rituals in the back-office: written, illustrated, planned and looked at."""

from django import forms
from django.contrib import admin
from django.db.models import OuterRef
from django.forms.models import BaseInlineFormSet
from django.http import Http404, HttpResponseNotAllowed, JsonResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from config.lib import markup, money

from .. import addresses, content, page_cache, pictures, previews, search
from ..models import Post, PostCategory, PostItem, PostPicture, Product, Variant
from ..models.catalogue import LONGEST_SKU
from ..storefront import post_views, posts
from .base import RowAdmin, RowForm, RowInline
from .catalogue import SlugForm, UsedFilter
from .editor import EditorWidget
from .fields import PictureField, WordsField, thumbnail
from .look import here
from .products import PictureForm
from .site import site

_MOST_FOUND = 12


class PostForm(SlugForm):
    unique_here = {"slug": _("Another text already has this address.")}
    cover_file = PictureField(label=_("new picture"), required=False)
    tags = WordsField(
        label=_("tags"), required=False, help_text=_("Words separated by commas, such as sleep.")
    )

    class Meta:
        widgets = {"body": EditorWidget}

    def clean_body(self):
        return markup.clean(self.cleaned_data["body"])

    def clean(self):
        values = super().clean()
        if values.get("title") and not values.get("slug") and "slug" not in self.errors:
            values["slug"] = content.propose_slug(Post(pk=self.instance.pk, title=values["title"]))
        return values


class PostItemForm(RowForm):
    """A product that is used, named by its SKU; a script offers the products while one types."""

    sku = forms.CharField(
        label=_("product"),
        max_length=LONGEST_SKU,
        widget=UnfoldAdminTextInputWidget(
            attrs={"data-find": "sku", "autocomplete": "off", "class": "find-input"}
        ),
        help_text=_("Type a name or a SKU."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "sku" in self.fields and not self.instance._state.adding:
            self.initial["sku"] = self.instance.variant.sku
        if "position" in self.fields:
            self.fields["position"].required = False

    def clean_position(self):
        return self.cleaned_data["position"] or 0

    def clean_sku(self):
        sku = self.cleaned_data["sku"].strip()
        variant = Variant.objects.filter(sku=sku).select_related("product").first()
        if variant is None:
            raise forms.ValidationError(gettext("No product has this SKU."), code="unknown")
        self.instance.variant = variant
        return sku


class PostItemFormSet(BaseInlineFormSet):
    def clean(self):
        super().clean()
        named = [
            form.cleaned_data["sku"]
            for form in self.forms
            if form.is_valid() and form.cleaned_data.get("sku") and not form.cleaned_data["DELETE"]
        ]
        if len(set(named)) < len(named):
            raise forms.ValidationError(gettext("A product stands in the list twice."))


class PostItemInline(RowInline):
    model = PostItem
    form = PostItemForm
    formset = PostItemFormSet
    fields = ["sku", "shown", "quantity", "position"]
    readonly_fields = ["shown"]
    verbose_name_plural = _("Products that are used")
    tab = True

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("variant__product")

    @display(description=_("name"))
    def shown(self, item):
        if item is None or item._state.adding:
            return ""
        return " · ".join(filter(None, (item.variant.product.name, item.variant.label)))


class PostPictureFormSet(BaseInlineFormSet):
    def save_new(self, form, commit=True):
        values = form.cleaned_data
        return content.add_picture(self.instance, values["file"], description=values["description"])

    def delete_existing(self, obj, commit=True):
        content.remove_picture(obj)


class PostPictureInline(RowInline):
    model = PostPicture
    form = PictureForm
    formset = PostPictureFormSet
    fields = ["shown", "mark", "file", "description"]
    readonly_fields = ["shown", "mark"]
    tab = True

    @display(description=_("picture"))
    def shown(self, picture):
        return "" if picture is None or picture._state.adding else thumbnail(picture.picture)

    @display(description=_("mark in the text"))
    def mark(self, picture):
        if picture is None or picture._state.adding:
            return ""
        return format_html("<code>{}</code>", str(picture))


@admin.register(Post, site=site)
class PostAdmin(RowAdmin):
    form = PostForm
    inlines = [PostItemInline, PostPictureInline]
    change_form_template = "admin/shop/post_form.html"
    list_display = ["cover_shown", "title", "kind", "state", "published_at", "author"]
    list_display_links = ["cover_shown", "title"]
    list_filter = ["kind", "status", "category"]
    list_select_related = ["category"]
    search_fields = ["title"]
    search_help_text = _("Words of the title or the text")
    ordering = ["-published_at", "-id"]
    readonly_fields = ["shown_cover"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("kind", "status"),
                    "published_at",
                    "title",
                    "summary",
                    "body",
                    ("category", "author"),
                    "tags",
                ]
            },
        ),
        (_("Picture"), {"classes": ["tab"], "fields": ["shown_cover", "cover_file"]}),
        (_("Ritual"), {"classes": ["tab"], "fields": ["minutes", "steps"]}),
        (
            _("Search engines"),
            {"classes": ["tab"], "fields": ["slug", "seo_title", "seo_description"]},
        ),
    ]

    # --- Addresses ----------------------------------------------------------------------------

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("buscar/", view(self.find_view), name=self.page_address("find")),
            path("vista-previa/", view(self.preview_view), name=self.page_address("preview")),
            *super().get_urls(),
        ]

    def find_view(self, request):
        """Give the variants of the products with these words, or with this SKU, as JSON."""
        typed = request.GET.get("q", "").replace("\x00", "").strip()[: search.LONGEST_QUERY]
        words = search.query_words(typed)
        if not words:
            return JsonResponse({"found": []})
        named = Product.objects.filter(name_search=search.query(words, language=here().language))
        named = named.filter(is_active=True).order_by("name").values("pk")[:_MOST_FOUND]
        variants = Variant.objects.filter(is_active=True).select_related("product")
        found = [
            *variants.filter(sku__istartswith=typed).order_by("sku")[:3],
            *variants.filter(product__in=list(named.values_list("pk", flat=True))).order_by(
                "product__name", "position", "id"
            )[: _MOST_FOUND * 3],
        ]
        unique = {variant.pk: variant for variant in found}.values()
        return JsonResponse(
            {
                "found": [
                    {
                        "sku": variant.sku,
                        "slug": variant.product.slug,
                        "name": variant.product.name,
                        "label": variant.label,
                        "price": money.label(variant.price, here().currency),
                    }
                    for variant in unique
                ]
            }
        )

    def preview_view(self, request):
        """Show what was typed as the page it will be, and keep nothing of it."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        key = request.GET.get("id", "")
        post = self.get_object(request, key) if key else None
        if key and post is None:
            raise Http404
        form = self.get_form(request, post, change=post is not None)(request.POST, instance=post)
        # What is not valid yet shows as it was.
        form.is_valid()
        shown = form.instance
        shown.organization, shown.tag_slugs = request.organization, []
        shown.slug = shown.slug or "texto"
        shown.published_at = shown.published_at or timezone.now()
        return post_views.page_of(request, shown, now=timezone.now(), is_preview=True)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        return super().change_view(request, object_id, form_url, self._preview_links(object_id))

    def _preview_links(self, object_id):
        try:
            key = Post._meta.pk.to_python(object_id)
        except forms.ValidationError:
            return {}
        token = previews.token(here(), previews.POST, key)
        return {"preview_url": reverse("shop:post-preview", args=[token])}

    def view_on_site(self, post):
        return addresses.post(post.kind, post.slug)

    # --- The list -----------------------------------------------------------------------------

    def get_queryset(self, request):
        rows = super().get_queryset(request).defer("search")
        is_list = request.resolver_match.url_name.endswith("_changelist")
        return rows.defer("body", "steps") if is_list else rows

    def get_search_results(self, request, queryset, search_term):
        words = search.query_words(search_term)
        if not words:
            return (queryset.none() if search_term.strip() else queryset), False
        return queryset.filter(search=search.query(words, language=here().language)), False

    @display(description="")
    def cover_shown(self, post):
        return thumbnail(post.cover)

    @display(description=_("picture"))
    def shown_cover(self, post):
        return thumbnail(post.cover, size="large")

    @display(
        description=_("state"),
        label={"public": "success", "planned": "info", "draft": "warning"},
    )
    def state(self, post):
        if post.status == Post.Status.DRAFT:
            return "draft", gettext("Draft")
        if post.is_visible(timezone.now()):
            return "public", gettext("Published")
        day = posts.date_label(post.published_at)
        return "planned", gettext("Planned for %(day)s") % {"day": day}

    # --- Saving -------------------------------------------------------------------------------

    def save_model(self, request, obj, form, change):
        image = form.cleaned_data.get("cover_file")
        if image is not None:
            obj.cover = pictures.replace(obj.cover, image, here())
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        content.refresh(form.instance)

    def get_deleted_objects(self, objs, request):
        return [str(post) for post in objs], {}, set(), []

    def delete_model(self, request, obj):
        content.remove(obj)


class PostCategoryForm(SlugForm):
    unique_here = {"slug": _("Another subject already has this address.")}


class WithTextsFilter(UsedFilter):
    title = _("texts")

    def users(self):
        return Post.objects.filter(category=OuterRef("pk"))


@admin.register(PostCategory, site=site)
class PostCategoryAdmin(RowAdmin):
    form = PostCategoryForm
    list_display = ["name", "slug", "position"]
    list_filter = [WithTextsFilter]
    search_fields = ["name", "slug"]
    fields = ["name", "slug", "description", "position"]

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if change and "name" in form.changed_data:
            content.refresh_category(obj)
        page_cache.invalidate(obj.organization_id)

    def delete_model(self, request, obj):
        # Its texts stay, under no subject.
        super().delete_model(request, obj)
        page_cache.invalidate(obj.organization_id)
