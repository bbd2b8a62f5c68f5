"""Orders that come again: what is offered so, who receives it, and every period of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from phonenumber_field.modelfields import PhoneNumberField

from config.lib.fields import KeyField, LineField
from config.lib.scoping import scoped
from shop.models import Customer, Municipality, Organization, Variant
from shop.models.customers import DocumentType

from .carts import MOST_OF_ONE, Cart
from .history import Happening
from .methods import SavedMethod
from .orders import Order
from .payments import PaymentAccount


class Unit(models.TextChoices):
    WEEK = "week", _("weeks")
    MONTH = "month", _("months")


def every_words(every: int, unit: str) -> str:
    """Say how often, as "every month" or "every 2 weeks"."""
    if unit == Unit.WEEK:
        return ngettext("every week", "every %(count)d weeks", every) % {"count": every}
    return ngettext("every month", "every %(count)d months", every) % {"count": every}


class SubscriptionPlan(models.Model):
    """What a merchant offers to send again and again, how often, and how much cheaper."""

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="plans", verbose_name=_("organization")
    )
    name = LineField(_("name"), max_length=60, help_text=_("For your team; buyers do not see it."))
    every = models.PositiveSmallIntegerField(_("every"), default=1)
    unit = models.CharField(_("weeks or months"), max_length=5, choices=Unit, default=Unit.MONTH)
    percent = models.PositiveSmallIntegerField(
        _("percent off"), default=0, help_text=_("Of the products, from the second delivery on.")
    )
    # How much more than announced a renewal may cost and still be charged.
    rise_percent = models.PositiveSmallIntegerField(
        _("may cost more by (percent)"),
        default=0,
        help_text=_("If prices rise more between the announcement and the day, we announce again."),
    )
    variants = models.ManyToManyField(
        Variant, related_name="+", verbose_name=_("products"), blank=True
    )
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Who has it already keeps it.")
    )
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = scoped()

    class Meta:
        verbose_name = _("subscription plan")
        verbose_name_plural = _("subscription plans")
        ordering = ["unit", "every", "id"]
        constraints = [
            models.CheckConstraint(
                name="plan_comes_at_a_sensible_pace",
                condition=Q(every__gte=1, every__lte=12),
                violation_error_message=_("From every 1 to every 12."),
            ),
            models.CheckConstraint(
                name="plan_takes_off_a_part",
                condition=Q(percent__lte=90, rise_percent__lte=100),
                violation_error_message=_("Take off 90 percent at most."),
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def words(self) -> str:
        return every_words(self.every, self.unit)


class Subscription(models.Model):
    """Things that a customer receives again and again, on the terms agreed with the first order."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        GRACE = "grace", _("Waiting for its payment")
        PAUSED = "paused", _("Paused")
        CANCELLED = "cancelled", _("Cancelled")

    ALIVE = (Status.ACTIVE, Status.GRACE)

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="subscriptions", verbose_name=_("organization")
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="subscriptions", verbose_name=_("customer")
    )
    first_order = models.OneToOneField(
        Order, models.PROTECT, related_name="subscription", verbose_name=_("first order")
    )
    plan = models.ForeignKey(
        SubscriptionPlan, models.PROTECT, related_name="subscriptions", verbose_name=_("plan")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.ACTIVE, editable=False
    )
    # As agreed: what the plan says later is for others.
    every = models.PositiveSmallIntegerField(_("every"))
    unit = models.CharField(_("weeks or months"), max_length=5, choices=Unit)
    percent = models.PositiveSmallIntegerField(_("percent off"), default=0)

    # How it is paid: without a card every renewal is paid by hand.
    method = models.ForeignKey(
        SavedMethod,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="subscriptions",
        verbose_name=_("saved card"),
    )
    account = models.ForeignKey(
        PaymentAccount, models.PROTECT, related_name="+", verbose_name=_("payment method")
    )

    # Who receives it, and where.
    name = LineField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"))
    phone = PhoneNumberField(_("phone"), blank=True, region="CO")
    document_type = models.CharField(max_length=4, choices=DocumentType, blank=True)
    document_number = LineField(max_length=20, blank=True)
    language = models.CharField(_("language"), max_length=2, default="es")
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="+", verbose_name=_("municipality")
    )
    # As checkout.Wish.address.
    address = models.JSONField(_("delivery address"), default=dict)
    delivery_code = models.CharField(max_length=160)
    billing = models.JSONField(null=True, blank=True)

    terms_version = models.CharField(_("version of the terms"), max_length=20)
    agreed_at = models.DateTimeField(_("terms accepted"))
    agreed_from = models.GenericIPAddressField(_("from address"), null=True, blank=True)

    # How many periods are over, skipped ones included; the next one has the number after it.
    number = models.PositiveIntegerField(_("periods so far"), default=0, editable=False)
    next_on = models.DateField(_("next order"))
    # When the clock has something to do with it (tell, order, charge again); claimed by moving it.
    act_at = models.DateTimeField(null=True, editable=False)
    began_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, editable=False)

    objects = scoped()

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["act_at"], name="subscription_due", condition=Q(act_at__isnull=False)
            ),
            models.Index(fields=["organization", "status"], name="subscription_status"),
        ]

    def __str__(self):
        return f"{self.name} · {self.words}"

    @property
    def words(self) -> str:
        return every_words(self.every, self.unit)

    @property
    def is_alive(self) -> bool:
        """Whether the clock goes on with it."""
        return self.status in self.ALIVE


class SubscriptionLine(models.Model):
    """So many of one thing in every delivery; its price is the catalogue's of the day."""

    id = KeyField()
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="lines")
    variant = models.ForeignKey(
        Variant, models.CASCADE, related_name="+", verbose_name=_("variant")
    )
    quantity = models.PositiveIntegerField(_("quantity"))

    objects = scoped("subscription__organization")

    class Meta:
        verbose_name = _("line of a subscription")
        verbose_name_plural = _("lines of subscriptions")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="variant_once_in_subscription", fields=["subscription", "variant"]
            ),
            models.CheckConstraint(
                name="subscription_quantity_is_sensible",
                condition=Q(quantity__gte=1, quantity__lte=MOST_OF_ONE),
            ),
        ]

    def __str__(self):
        return f"{self.quantity} × {self.variant}"


class SubscriptionPeriod(models.Model):
    """One renewal: claimed before anything is ordered, so that it happens once."""

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        ORDERED = "ordered", _("Being charged")
        GRACE = "grace", _("Waiting for its payment")
        PAID = "paid", _("Paid")
        SKIPPED = "skipped", _("Skipped")
        UNPAID = "unpaid", _("Not paid")

    class Reason(models.TextChoices):
        """Why there was no delivery."""

        WISH = "wish", _("The customer skipped it")
        STOCK = "stock", _("Sold out")
        WITHDRAWN = "withdrawn", _("No longer sold")
        PLACE = "place", _("Not delivered there any more")
        REFUSED = "refused", _("Could not be ordered")
        CANCELLED = "cancelled", _("Its order was cancelled")

    OPEN = (Status.ORDERED, Status.GRACE)

    id = KeyField()
    subscription = models.ForeignKey(
        Subscription, models.CASCADE, related_name="periods", verbose_name=_("subscription")
    )
    number = models.PositiveIntegerField(_("number"))
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.PLANNED)
    reason = models.CharField(_("why"), max_length=10, choices=Reason, blank=True)
    due_on = models.DateField(_("due on"))
    # Not before: the day it is due, or later when it was announced late.
    renew_at = models.DateTimeField()
    told_at = models.DateTimeField(_("announced"), null=True)
    told_total = models.BigIntegerField(_("announced amount"), default=0)
    # Its cart becomes at most one order: that makes a second worker harmless.
    cart = models.OneToOneField(Cart, models.SET_NULL, null=True, related_name="+")
    order = models.OneToOneField(
        Order, models.PROTECT, null=True, related_name="period", verbose_name=_("order")
    )
    # How often the card was to be charged, and when it is next; taken by emptying it.
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    try_at = models.DateTimeField(null=True)

    objects = scoped("subscription__organization")

    class Meta:
        verbose_name = _("period of a subscription")
        verbose_name_plural = _("periods of subscriptions")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(name="one_row_per_period", fields=["subscription", "number"])
        ]

    def __str__(self):
        return f"{self.subscription_id} · {self.number}"


class SubscriptionEvent(Happening):
    """One thing that happened to a subscription, and the mail about it."""

    class Kind(models.TextChoices):
        BEGUN = "begun", _("Began")
        ANNOUNCED = "announced", _("Next order announced")
        RENEWED = "renewed", _("Order paid")
        DECLINED = "declined", _("Card declined")
        SKIPPED = "skipped", _("Delivery skipped")
        UNPAID = "unpaid", _("Not paid in time")
        PAUSED = "paused", _("Paused")
        RESUMED = "resumed", _("Goes on")
        CANCELLED = "cancelled", _("Cancelled")
        CHANGED = "changed", _("Changed")

    id = KeyField()
    subscription = models.ForeignKey(
        Subscription, models.CASCADE, related_name="events", verbose_name=_("subscription")
    )
    period = models.ForeignKey(SubscriptionPeriod, models.CASCADE, null=True, related_name="events")
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    # What its words need, such as an amount; never a secret.
    data = models.JSONField(default=dict, blank=True)

    objects = scoped("subscription__organization")

    class Meta:
        verbose_name = _("event of a subscription")
        verbose_name_plural = _("events of subscriptions")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["at"], name="subscription_mail", condition=Q(mail="queued")),
        ]

    def __str__(self):
        return f"{self.subscription_id} · {self.get_kind_display()}"
