"""What is sold: categories, products, their variants and pictures."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.lib.fields import KeyField, LineField, ParagraphField
from config.lib.scoping import scoped

from .organizations import Organization

# A hundred million pesos: beyond it a price is a slip of the finger.
HIGHEST_PRICE = 10_000_000_000
LONGEST_SKU = 64


class Category(models.Model):
    """A shelf of the shop; shelves stand inside shelves."""

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="categories", verbose_name=_("organization")
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("inside"),
    )
    name = LineField(_("name"), max_length=80)
    slug = models.SlugField(_("address"), max_length=90)
    description = ParagraphField(_("description"), blank=True, max_length=2_000)
    # As pictures.save() describes it.
    picture = models.JSONField(_("picture"), null=True, blank=True, editable=False)
    position = models.PositiveIntegerField(_("position"), default=0)
    is_listed = models.BooleanField(_("listed"), default=True)

    objects = scoped()

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                name="category_slug_is_unique",
                fields=["organization", "slug"],
                violation_error_message=_("Another category already has this address."),
            ),
            models.CheckConstraint(name="category_not_inside_itself", condition=~Q(parent=F("id"))),
        ]

    def __str__(self):
        return self.name


class Benefit(models.Model):
    """What a product does for a person: shoppers filter by it."""

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="benefits", verbose_name=_("organization")
    )
    name = LineField(_("name"), max_length=60)
    slug = models.SlugField(_("address"), max_length=70)

    objects = scoped()

    class Meta:
        verbose_name = _("benefit")
        verbose_name_plural = _("benefits")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                name="benefit_slug_is_unique",
                fields=["organization", "slug"],
                violation_error_message=_("Another benefit already has this address."),
            )
        ]

    def __str__(self):
        return self.name


class ProductQuerySet(models.QuerySet):
    def visible(self, now=None):
        """Those that a shopper may see at this moment."""
        now = now or timezone.now()
        return self.filter(
            Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=now),
            is_active=True,
            listing_price__isnull=False,
            published_at__lte=now,
        )


class Product(models.Model):
    """Something sold in one or more variants."""

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="products", verbose_name=_("organization")
    )
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="products", verbose_name=_("category")
    )
    name = LineField(_("name"), max_length=140)
    slug = models.SlugField(_("address"), max_length=150)
    summary = LineField(_("summary"), max_length=200, blank=True)
    description = ParagraphField(_("description"), blank=True)
    ingredients = ParagraphField(_("ingredients"), blank=True, max_length=5_000)
    how_to_use = ParagraphField(_("how to use"), blank=True, max_length=5_000)
    tips = ParagraphField(_("tips"), blank=True, max_length=5_000)
    certifications = ParagraphField(
        _("certifications"), blank=True, max_length=1_000, help_text=_("One on each line.")
    )
    benefits = models.ManyToManyField(
        Benefit, blank=True, related_name="products", verbose_name=_("benefits")
    )
    marketplace_url = models.URLField(
        _("address in another market place"), blank=True, max_length=300
    )
    no_withdrawal_reason = LineField(
        _("why it cannot be returned"),
        max_length=160,
        blank=True,
        help_text=_("Empty: the right of withdrawal applies."),
    )
    # Names of the axes on which variants differ, such as "Tipo" and "Tamaño"; both may be empty.
    option1_name = LineField(_("first choice"), max_length=40, blank=True)
    option2_name = LineField(_("second choice"), max_length=40, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_featured = models.BooleanField(_("on the home page"), default=False)
    published_at = models.DateTimeField(_("published from"), default=timezone.now)
    withdrawn_at = models.DateTimeField(_("published until"), null=True, blank=True)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    # What a list shows, kept here by catalogue.refresh() so that a list is one query.
    listing_price = models.BigIntegerField(_("price from"), null=True, editable=False)
    listing_compare_at_price = models.BigIntegerField(null=True, editable=False)
    has_several_prices = models.BooleanField(default=False, editable=False)
    is_available = models.BooleanField(_("available"), default=False, editable=False)
    is_low = models.BooleanField(_("low stock"), default=False, editable=False)
    cover = models.JSONField(null=True, editable=False)
    benefit_slugs = ArrayField(models.CharField(max_length=70), default=list, editable=False)
    # Two vectors: of all words, and of those that name the product, which are searched first.
    search = SearchVectorField(null=True, editable=False)
    name_search = SearchVectorField(null=True, editable=False)

    objects = scoped(queryset=ProductQuerySet)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["-published_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="product_slug_is_unique",
                fields=["organization", "slug"],
                violation_error_message=_("Another product already has this address."),
            ),
            models.CheckConstraint(
                name="withdrawn_after_published",
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=F("published_at")),
                violation_error_message=_("The end of publication must come after its start."),
            ),
            models.CheckConstraint(
                name="second_choice_needs_a_first",
                condition=Q(option2_name="") | ~Q(option1_name=""),
                violation_error_message=_("Name the first choice before the second."),
            ),
        ]
        indexes = [
            # One index a sort order, for the whole shop and for one category.
            *(
                models.Index(
                    *(F(parent), *order),
                    name=f"product_{parent}_{order_name}"[:30],
                    condition=Q(is_active=True, listing_price__isnull=False),
                )
                for parent in ("organization", "category")
                for order_name, order in {
                    "newest": (F("published_at").desc(), F("id").desc()),
                    "price": (F("listing_price"), F("id")),
                    "name": (F("name"), F("id")),
                }.items()
            ),
            models.Index(
                F("organization"),
                F("published_at").desc(),
                F("id").desc(),
                name="product_featured",
                condition=Q(is_active=True, is_featured=True, listing_price__isnull=False),
            ),
            models.Index(
                F("organization"),
                F("published_at").desc(),
                F("id").desc(),
                name="product_offers",
                condition=Q(
                    is_active=True,
                    listing_price__isnull=False,
                    listing_compare_at_price__isnull=False,
                ),
            ),
            # What to restock, and what is not in the shop.
            models.Index(
                fields=["organization"],
                name="product_low",
                condition=Q(is_active=True, is_low=True),
            ),
            models.Index(
                fields=["organization"], name="product_hidden", condition=Q(is_active=False)
            ),
            # The list of the back-office: hidden ones as well; and what is sold out, in its order.
            models.Index(fields=["organization", "-id"], name="product_made"),
            models.Index(
                fields=["organization", "-id"],
                name="product_sold_out",
                condition=Q(is_available=False),
            ),
            GinIndex(fields=["organization", "search"], name="product_search"),
            GinIndex(fields=["organization", "name_search"], name="product_name_search"),
            GinIndex(fields=["organization", "benefit_slugs"], name="product_benefits"),
        ]

    def __str__(self):
        return self.name


class Picture(models.Model):
    """A picture of a product, kept as WebP in several widths (see pictures.py)."""

    id = KeyField()
    product = models.ForeignKey(
        Product, models.CASCADE, related_name="pictures", verbose_name=_("product")
    )
    key = models.CharField(_("folder"), max_length=200, editable=False)
    widths = ArrayField(models.PositiveIntegerField(), editable=False)
    width = models.PositiveIntegerField(_("width"), editable=False)
    height = models.PositiveIntegerField(_("height"), editable=False)
    description = LineField(
        _("description"),
        max_length=160,
        blank=True,
        help_text=_("What the picture shows, for people who cannot see it."),
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    objects = scoped("product__organization")

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ["position", "id"]

    def __str__(self):
        return self.description or str(self.product)


class Variant(models.Model):
    """What is really sold: a size or kind of a product, with its own SKU and price."""

    class TaxCategory(models.TextChoices):
        """Kinds of IVA; exempt and excluded both show zero but are reported apart."""

        GENERAL = "iva19", _("IVA 19 %")
        REDUCED = "iva5", _("IVA 5 %")
        EXEMPT = "exempt", _("Exempt (0 %)")
        EXCLUDED = "excluded", _("Excluded")

    class KitStock(models.TextChoices):
        """Whose stock a kit takes when it is sold: never both. Empty for what is no kit."""

        OWN = "own", _("A kit with stock of its own")
        PARTS = "parts", _("A kit that takes the stock of its parts")

    id = KeyField()
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="variants")
    product = models.ForeignKey(
        Product, models.CASCADE, related_name="variants", verbose_name=_("product")
    )
    sku = LineField(_("SKU"), max_length=LONGEST_SKU)
    name = LineField(_("name"), max_length=80, blank=True)
    option1 = LineField(_("first choice"), max_length=40, blank=True)
    option2 = LineField(_("second choice"), max_length=40, blank=True)
    price = models.BigIntegerField(
        _("price"),
        help_text=_("In centavos, IVA included."),
        validators=[MinValueValidator(0), MaxValueValidator(HIGHEST_PRICE)],
    )
    compare_at_price = models.BigIntegerField(
        _("price before"),
        null=True,
        blank=True,
        help_text=_("In centavos. Shown struck through when it is higher than the price."),
        validators=[MinValueValidator(0), MaxValueValidator(HIGHEST_PRICE)],
    )
    tax_category = models.CharField(
        _("tax"), max_length=10, choices=TaxCategory, default=TaxCategory.GENERAL
    )
    weight_grams = models.PositiveIntegerField(_("weight (g)"), default=0)
    width_cm = models.PositiveSmallIntegerField(_("width (cm)"), default=0)
    height_cm = models.PositiveSmallIntegerField(_("height (cm)"), default=0)
    length_cm = models.PositiveSmallIntegerField(_("length (cm)"), default=0)
    shelf = LineField(
        _("shelf"),
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text=_("Where it lies in the warehouse; what is picked is grouped by it."),
    )
    picture = models.ForeignKey(
        Picture,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="variants",
        verbose_name=_("picture"),
    )
    kit_stock = models.CharField(
        _("kit"), max_length=5, choices=KitStock, blank=True, default="", db_default=""
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Off: retired. Its history stays.")
    )
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = scoped()

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                name="sku_is_unique",
                fields=["organization", "sku"],
                violation_error_message=_("Another variant already has this SKU."),
            ),
            models.UniqueConstraint(
                name="one_active_variant_per_choice",
                fields=["product", "option1", "option2"],
                condition=Q(is_active=True),
                violation_error_message=_("Another variant already stands for this choice."),
            ),
            models.CheckConstraint(name="price_is_not_negative", condition=Q(price__gte=0)),
        ]
        indexes = [
            # The list of the back-office: those of a product together.
            models.Index(
                F("organization"),
                F("product").desc(),
                F("position"),
                F("id"),
                name="variant_by_product",
            ),
            # A SKU by its start, in capitals or not.
            models.Index(
                F("organization"),
                OpClass(Upper("sku"), name="text_pattern_ops"),
                name="variant_sku_start",
            ),
        ]

    def __str__(self):
        return f"{self.sku} {self.label}".strip()

    @property
    def label(self) -> str:
        """What tells this variant from its siblings."""
        return self.name or " · ".join(filter(None, (self.option1, self.option2)))

    @property
    def full_label(self) -> str:
        """What it is called where its product is not named beside it."""
        named = " · ".join(filter(None, (self.product.name, self.label)))
        return f"{named} ({self.sku})"

    @property
    def offer_from(self) -> int | None:
        """The price before, only when it really was higher."""
        before = self.compare_at_price
        return before if before is not None and before > self.price else None


class SearchWord(models.Model):
    """A word that occurs in the catalogue: misspelt searches are led to the nearest one."""

    id = KeyField()
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    word = models.CharField(max_length=60)
    # How it sounds in Spanish, so that "labanda" and "asite" are near "lavanda" and "aceite".
    sound = models.CharField(max_length=60)

    objects = scoped()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="search_word_once", fields=["organization", "word"])
        ]
        indexes = [
            GinIndex(
                F("organization"),
                OpClass(F("sound"), name="gin_trgm_ops"),
                name="search_word_sound",
            )
        ]

    def __str__(self):
        return self.word
