"""Catalogues from spreadsheets: what was read, what it changed, and what was wrong with it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.lib.fields import KeyField, LineField
from config.lib.scoping import scoped

from .catalogue import Picture, Product
from .organizations import Organization


class ProductImport(models.Model):
    """One file of products, from the moment it is given to us until it is in the shop, or out."""

    class Status(models.TextChoices):
        READING = "reading", _("Being read")
        READY = "ready", _("Waits for your word")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Stopped")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    class Format(models.TextChoices):
        OWN = "own", _("Our template, or alike")
        SHOPIFY = "shopify", "Shopify"
        WOOCOMMERCE = "woocommerce", "WooCommerce"
        SPREE = "spree", "Spree"

    # While one of these, it goes on by itself (imports.tasks.sweep finds it when it was left).
    AT_WORK = (Status.READING, Status.RUNNING, Status.UNDOING)
    # These may be undone: what they did is written down change by change.
    UNDOABLE = (Status.DONE, Status.FAILED)

    id = KeyField()
    organization = models.ForeignKey(
        Organization,
        models.CASCADE,
        related_name="product_imports",
        verbose_name=_("organization"),
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who"),
    )
    name = LineField(_("file"), max_length=200)
    status = models.CharField(
        _("status"), max_length=8, choices=Status, default=Status.READING, editable=False
    )
    # Where the private storage keeps the file; empty once its rows are read.
    file = models.CharField(max_length=200, blank=True, editable=False)
    format = models.CharField(_("format"), max_length=12, choices=Format, blank=True)
    encoding = models.CharField(_("alphabet"), max_length=12, blank=True)
    delimiter = models.CharField(_("delimiter"), max_length=1, blank=True)
    headings = models.JSONField(_("columns"), default=list)
    # The field that each column holds, "" for a column that is not read.
    fields = models.JSONField(default=list, editable=False)
    # In how many rows each currency stands; "" for prices that do not say theirs.
    currencies = models.JSONField(_("currencies"), default=dict)
    # Of prices that do not say theirs, as a person chose it or as it is plain from the file.
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    # What a person says a unit of another currency is worth here: {"USD": "4100"}.
    rates = models.JSONField(_("rates"), default=dict)

    rows = models.PositiveIntegerField(_("rows"), default=0)
    # Products, in the order of the file: so many in it, so many of them looked at.
    total = models.PositiveIntegerField(_("products"), default=0)
    done = models.PositiveIntegerField(_("looked at"), default=0)
    added = models.PositiveIntegerField(_("added"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    faulty = models.PositiveIntegerField(_("with errors"), default=0)
    # Values and products that an undo left, because somebody changed or sold them since.
    kept = models.PositiveIntegerField(_("kept"), default=0)
    # What had to be made on the way and goes again with an undo: {"category": [keys], …}.
    made = models.JSONField(default=dict, editable=False)

    # Why it stopped, as reasons.words() says it.
    reason = models.CharField(max_length=40, blank=True, editable=False)
    parameters = models.JSONField(default=dict, editable=False)
    # Who works at it, and until when nobody else may.
    claim = models.UUIDField(null=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("given"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)

    objects = scoped()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_import_at_a_time",
                fields=["organization"],
                condition=Q(status__in=["running", "undoing"]),
            )
        ]
        indexes = [
            models.Index(fields=["organization", "-id"], name="import_newest"),
            models.Index(
                fields=["claimed_until"],
                name="import_at_work",
                condition=Q(status__in=["reading", "running", "undoing"]),
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def reference(self) -> str:
        """What stands on its stock movements."""
        return f"import {self.pk.hex}"

    @property
    def progress(self) -> int:
        """How much of the present work is done, in percent."""
        is_back = self.status in (self.Status.UNDOING, self.Status.UNDONE)
        whole = self.added + self.changed if is_back else self.total
        return min(100, 100 * self.done // whole) if whole else 0

    @property
    def is_at_work(self) -> bool:
        return self.status in self.AT_WORK

    @property
    def is_undoable(self) -> bool:
        return self.status in self.UNDOABLE and bool(self.added or self.changed)


class ImportRow(models.Model):
    """A row of a file as it was read; it goes when its product is in the shop."""

    id = models.BigAutoField(primary_key=True)
    product_import = models.ForeignKey(
        ProductImport, models.CASCADE, related_name="lines", verbose_name=_("import")
    )
    # Rows of one product share this number; products are counted from 0.
    number = models.PositiveIntegerField()
    line = models.PositiveIntegerField(_("line"))
    cells = models.JSONField(_("cells"))
    # What only the whole file shows: [column, reason, parameters].
    fault = models.JSONField(null=True)

    objects = scoped("product_import__organization")

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        ordering = ["line"]
        indexes = [models.Index(fields=["product_import", "number"], name="import_row_of_product")]

    def __str__(self):
        return str(self.line)


class ImportFault(models.Model):
    """What is wrong with one cell or row, to be said in the language of whoever reads it."""

    id = models.BigAutoField(primary_key=True)
    product_import = models.ForeignKey(
        ProductImport, models.CASCADE, related_name="faults", verbose_name=_("import")
    )
    # Of the product in the file; empty for a picture, whose product is in the shop all the same.
    number = models.PositiveIntegerField(null=True)
    line = models.PositiveIntegerField(_("line"))
    # As the file writes it; empty when the whole row is meant.
    column = models.CharField(_("column"), max_length=200, blank=True)
    # A sentence of shop.imports.reasons, and what to put into it.
    reason = models.CharField(_("reason"), max_length=40)
    parameters = models.JSONField(default=dict)

    objects = scoped("product_import__organization")

    class Meta:
        verbose_name = _("import error")
        verbose_name_plural = _("import errors")
        ordering = ["line", "id"]
        indexes = [models.Index(fields=["product_import", "line"], name="import_fault_of_line")]

    def __str__(self):
        return f"{self.line}: {self.reason}"


class ImportChange(models.Model):
    """What an import did to one product, so that it can be undone."""

    id = models.BigAutoField(primary_key=True)
    product_import = models.ForeignKey(
        ProductImport, models.CASCADE, related_name="changes", verbose_name=_("import")
    )
    # Not a foreign key: the product may go, and this stays.
    product_key = models.UUIDField()
    name = models.CharField(_("product"), max_length=140)
    line = models.PositiveIntegerField(_("line"))
    is_new = models.BooleanField(_("added"))
    # {"product": {field: [before, after]}, "benefits": [[before], [after]],
    #  "variants": {key: {field: [before, after]}}, "new": [variant keys], "stock": {key: moved}}
    changes = models.JSONField(_("changes"), default=dict)
    undone_at = models.DateTimeField(null=True)
    # What an undo left as it is: [[SKU or "", field]].
    kept = models.JSONField(_("kept"), default=list)

    objects = scoped("product_import__organization")

    class Meta:
        verbose_name = _("change by an import")
        verbose_name_plural = _("changes by imports")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["product_import", "-id"], name="import_change_newest"),
        ]

    def __str__(self):
        return self.name


class ImportPicture(models.Model):
    """A picture to fetch from an address for a product, and what became of that."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Fetched")
        FAILED = "failed", _("Could not be fetched")

    id = KeyField()
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    product_import = models.ForeignKey(
        ProductImport, models.CASCADE, related_name="pictures", verbose_name=_("import")
    )
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    address = models.CharField(_("address"), max_length=2_000)
    line = models.PositiveIntegerField(_("line"))
    description = LineField(_("description"), max_length=160, blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    # The variants that it shows.
    variant_keys = ArrayField(models.UUIDField(), default=list)
    status = models.CharField(
        _("status"), max_length=8, choices=Status, default=Status.WAITING, editable=False
    )
    picture = models.ForeignKey(Picture, models.SET_NULL, null=True, related_name="+")
    due_at = models.DateTimeField(null=True, editable=False)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    reason = models.CharField(_("reason"), max_length=40, blank=True)

    objects = scoped()

    class Meta:
        verbose_name = _("picture of an import")
        verbose_name_plural = _("pictures of imports")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                models.F("product"),
                models.functions.MD5("address"),
                name="one_fetch_per_picture",
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"], name="import_picture_due", condition=Q(status="waiting")
            ),
            models.Index(
                models.F("organization"),
                models.functions.MD5("address"),
                name="import_picture_address",
            ),
        ]

    def __str__(self):
        return self.address
