"""What a shop tells: articles and rituals, with the products that can be bought from them."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.lib.fields import KeyField, LineField, ParagraphField
from config.lib.scoping import scoped

from .catalogue import Variant
from .organizations import Organization

MOST_OF_AN_ITEM = 99


class PostCategory(models.Model):
    """What articles and rituals are about."""

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="post_categories", verbose_name=_("organization")
    )
    name = LineField(_("name"), max_length=60)
    slug = models.SlugField(_("address"), max_length=70)
    description = LineField(_("description"), max_length=200, blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    objects = scoped()

    class Meta:
        verbose_name = _("subject")
        verbose_name_plural = _("subjects")
        ordering = ["position", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                name="post_category_slug_is_unique",
                fields=["organization", "slug"],
                violation_error_message=_("Another subject already has this address."),
            )
        ]

    def __str__(self):
        return self.name


class PostQuerySet(models.QuerySet):
    def visible(self, now):
        """Those that a visitor may read at this moment; one of later waits for its minute."""
        return self.filter(status=Post.Status.PUBLISHED, published_at__lte=now)


class Post(models.Model):
    """An article, or a ritual: something to do step by step with products of the shop."""

    class Kind(models.TextChoices):
        ARTICLE = "article", _("Article")
        RITUAL = "ritual", _("Ritual")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="posts", verbose_name=_("organization")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.ARTICLE)
    title = LineField(_("title"), max_length=140)
    slug = models.SlugField(_("address"), max_length=150)
    summary = LineField(
        _("summary"),
        max_length=240,
        blank=True,
        help_text=_("One or two sentences for lists and search engines."),
    )
    body = ParagraphField(_("text"), blank=True, max_length=50_000)
    # As pictures.save() describes it.
    cover = models.JSONField(_("picture"), null=True, blank=True, editable=False)
    category = models.ForeignKey(
        PostCategory,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="posts",
        verbose_name=_("subject"),
    )
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    tag_slugs = ArrayField(models.CharField(max_length=50), default=list, editable=False)
    author = LineField(_("author"), max_length=80, blank=True)
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.DRAFT)
    published_at = models.DateTimeField(
        _("published from"),
        default=timezone.now,
        help_text=_("In the future: it appears at that minute, by itself."),
    )
    # Of a ritual
    minutes = models.PositiveSmallIntegerField(
        _("minutes it takes"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
    )
    steps = ParagraphField(
        _("steps"), blank=True, max_length=5_000, help_text=_("One on each line.")
    )
    # What search engines are told, where it shall differ from title and summary.
    seo_title = LineField(_("title for search engines"), max_length=70, blank=True)
    seo_description = LineField(_("description for search engines"), max_length=170, blank=True)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)
    # Kept by content.refresh()
    search = SearchVectorField(null=True, editable=False)

    objects = scoped(queryset=PostQuerySet)

    class Meta:
        verbose_name = _("article or ritual")
        verbose_name_plural = _("articles and rituals")
        ordering = ["-published_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="post_slug_is_unique",
                fields=["organization", "slug"],
                violation_error_message=_("Another text already has this address."),
            )
        ]
        indexes = [
            models.Index(
                F("organization"),
                F("kind"),
                F("published_at").desc(),
                F("id").desc(),
                name="post_newest",
                condition=Q(status="published"),
            ),
            GinIndex(fields=["organization", "search"], name="post_search"),
        ]

    def __str__(self):
        return self.title

    @property
    def is_ritual(self) -> bool:
        return self.kind == self.Kind.RITUAL

    @property
    def step_lines(self) -> list[str]:
        """The steps, one by one."""
        return [line.strip() for line in self.steps.splitlines() if line.strip()]

    def is_visible(self, now) -> bool:
        """Say whether a visitor may read it at this moment."""
        return self.status == self.Status.PUBLISHED and self.published_at <= now


class PostItem(models.Model):
    """A variant that a ritual uses, and how many of it."""

    id = KeyField()
    post = models.ForeignKey(
        Post, models.CASCADE, related_name="items", verbose_name=_("article or ritual")
    )
    variant = models.ForeignKey(
        Variant, models.CASCADE, related_name="+", verbose_name=_("product")
    )
    quantity = models.PositiveSmallIntegerField(
        _("quantity"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_OF_AN_ITEM)],
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    objects = scoped("post__organization")

    class Meta:
        verbose_name = _("product used")
        verbose_name_plural = _("products used")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                name="each_variant_once_in_a_post",
                fields=["post", "variant"],
                violation_error_message=_("This product is in the list already."),
            )
        ]

    def __str__(self):
        return f"{self.quantity} × {self.variant}"


class PostPicture(models.Model):
    """A picture in the text of a post, kept as WebP in several widths (see pictures.py)."""

    id = KeyField()
    post = models.ForeignKey(
        Post, models.CASCADE, related_name="pictures", verbose_name=_("article or ritual")
    )
    # What the text calls it by: [[picture:2]].
    number = models.PositiveSmallIntegerField(_("number"), editable=False)
    picture = models.JSONField(_("picture"), editable=False)
    description = LineField(
        _("description"),
        max_length=160,
        blank=True,
        help_text=_("What the picture shows, for people who cannot see it."),
    )

    objects = scoped("post__organization")

    class Meta:
        verbose_name = _("picture of the text")
        verbose_name_plural = _("pictures of the text")
        ordering = ["number", "id"]
        constraints = [
            models.UniqueConstraint(name="post_picture_number_once", fields=["post", "number"])
        ]

    def __str__(self):
        return f"[[picture:{self.number}]]"
