"""What a shop shows around its products: menus, banners and the blocks of its home page.

The rows are what people work on; visitors see the copy that was last published (Front).
"""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.lib.fields import KeyField, LineField, ParagraphField, TargetField
from config.lib.scoping import scoped

from .catalogue import Category, Product
from .content import Post
from .organizations import Organization


class Front(models.Model):
    """What was last published of a shop's menus, banners and blocks."""

    organization = models.OneToOneField(
        Organization, models.CASCADE, primary_key=True, related_name="front"
    )
    # As shop/front.py writes it: {"menu": [...], "banners": [...], "blocks": [...]}.
    published = models.JSONField(default=dict, editable=False)
    published_at = models.DateTimeField(_("published"), editable=False)

    objects = scoped()

    class Meta:
        verbose_name = _("home page and menu")
        verbose_name_plural = _("home page and menu")

    def __str__(self):
        return str(self.organization)


class MenuItem(models.Model):
    """One link of the header or the footer; those of the header may have others below them."""

    class Place(models.TextChoices):
        HEADER = "header", _("Header")
        FOOTER = "footer", _("Footer")

    class Kind(models.TextChoices):
        CATEGORY = "category", _("Category")
        PRODUCT = "product", _("Product")
        POST = "post", _("Article or ritual")
        PAGE = "page", _("Page of the shop")
        ADDRESS = "address", _("Address")

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="menu_items", verbose_name=_("organization")
    )
    place = models.CharField(_("place"), max_length=6, choices=Place, default=Place.HEADER)
    parent = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("below"),
    )
    kind = models.CharField(_("leads to"), max_length=8, choices=Kind, default=Kind.CATEGORY)
    label = LineField(
        _("label"), max_length=60, blank=True, help_text=_("Empty: the name of where it leads.")
    )
    category = models.ForeignKey(
        Category,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
    )
    product = models.ForeignKey(
        Product, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("product")
    )
    post = models.ForeignKey(
        Post,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("article or ritual"),
    )
    page = models.CharField(_("page of the shop"), max_length=20, blank=True)
    address = TargetField(_("address"), blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("active"), default=True)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)

    objects = scoped()

    class Meta:
        verbose_name = _("menu item")
        verbose_name_plural = _("menu items")
        ordering = ["place", "position", "id"]
        constraints = [
            models.CheckConstraint(name="menu_item_not_below_itself", condition=~Q(parent=F("id")))
        ]

    def __str__(self):
        target = self.category or self.product or self.post or self.page or self.address
        return self.label or str(target or self.get_kind_display())


class Banner(models.Model):
    """A few words that stand out for a while."""

    class Place(models.TextChoices):
        TOP = "top", _("Top of every page")
        HOME = "home", _("Home page")
        CATEGORY = "category", _("Category")

    class Colour(models.TextChoices):
        BRAND = "brand", _("Main colour")
        ACCENT = "accent", _("Second colour")
        PLAIN = "plain", _("Light")

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="banners", verbose_name=_("organization")
    )
    place = models.CharField(_("place"), max_length=8, choices=Place, default=Place.TOP)
    category = models.ForeignKey(
        Category,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
        help_text=_("Empty: every category."),
    )
    text = LineField(_("text"), max_length=160)
    link_label = LineField(_("words of the link"), max_length=40, blank=True)
    link_address = TargetField(_("address of the link"), blank=True)
    # As pictures.save() describes it.
    picture = models.JSONField(_("picture"), null=True, blank=True, editable=False)
    colour = models.CharField(_("colour"), max_length=6, choices=Colour, default=Colour.BRAND)
    starts_at = models.DateTimeField(pgettext_lazy("time", "from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    is_dismissible = models.BooleanField(
        _("can be closed"),
        default=True,
        help_text=_("Closed once, it stays closed on that device."),
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("active"), default=True)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)

    objects = scoped()

    class Meta:
        verbose_name = _("banner")
        verbose_name_plural = _("banners")
        ordering = ["place", "position", "id"]
        constraints = [
            models.CheckConstraint(
                name="banner_ends_after_it_starts",
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("The end must come after the start."),
            )
        ]

    def __str__(self):
        return self.text


class HomeBlock(models.Model):
    """One part of the home page."""

    class Kind(models.TextChoices):
        HERO = "hero", _("Opening: large words and a picture")
        TEXT = "text", _("Text with a picture")
        PRODUCTS = "products", _("Products")
        CATEGORIES = "categories", _("Categories")
        BENEFITS = "benefits", _("Benefits")
        POSTS = "posts", _("Articles and rituals")
        QUOTE = "quote", _("What a customer says")
        TRUST = "trust", _("Buying here: delivery, returns, data")

    class Source(models.TextChoices):
        FEATURED = "featured", _("Those marked for the home page")
        NEWEST = "newest", _("The newest")
        OFFERS = "offers", _("On offer")
        CATEGORY = "category", _("Of a category")
        CHOSEN = "chosen", _("Chosen one by one")

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="home_blocks", verbose_name=_("organization")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    title = LineField(
        _("title"), max_length=140, blank=True, help_text=_("Empty: our usual words.")
    )
    text = ParagraphField(_("text"), blank=True, max_length=2_000)
    link_label = LineField(_("words of the link"), max_length=40, blank=True)
    link_address = TargetField(_("address of the link"), blank=True)
    # As pictures.save() describes it.
    picture = models.JSONField(_("picture"), null=True, blank=True, editable=False)
    source = models.CharField(
        _("which products"), max_length=8, choices=Source, default=Source.FEATURED
    )
    category = models.ForeignKey(
        Category,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
    )
    products = models.ManyToManyField(
        Product, blank=True, related_name="+", verbose_name=_("products")
    )
    post_kind = models.CharField(
        _("which texts"),
        max_length=10,
        choices=Post.Kind,
        blank=True,
        help_text=_("Empty: articles and rituals."),
    )
    most = models.PositiveSmallIntegerField(
        _("how many"), default=4, validators=[MinValueValidator(1), MaxValueValidator(24)]
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("active"), default=True)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)

    objects = scoped()

    class Meta:
        verbose_name = _("block of the home page")
        verbose_name_plural = _("blocks of the home page")
        ordering = ["position", "id"]

    def __str__(self):
        return self.title or self.get_kind_display()
