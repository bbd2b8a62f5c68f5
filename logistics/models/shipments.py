"""Goods on their way: the intention first, then what a carrier made of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.lib.fields import KeyField, LineField, ParagraphField
from config.lib.scoping import scoped
from shop.models import Organization

from .carriers import CarrierAccount, Origin


class State(models.TextChoices):
    """Where a shipment stands, whoever carries it."""

    PENDING = "pending", _("To be created")
    # Nobody can say whether the carrier heard us: a person looks in its panel.
    UNCERTAIN = "uncertain", _("Perhaps created")
    REFUSED = "refused", _("Refused by the carrier")
    CREATED = "created", _("Label missing")
    LABEL_READY = "label_ready", _("Label ready")
    PICKED_UP = "picked_up", _("Handed over")
    IN_TRANSIT = "in_transit", _("On its way")
    OUT_FOR_DELIVERY = "out_for_delivery", _("Out for delivery")
    INCIDENT = "incident", _("Incident")
    RETURNING = "returning", _("Coming back")
    DELIVERED = "delivered", _("Delivered")
    RETURNED = "returned", pgettext_lazy("shipment", "Came back")
    CANCELLED = "cancelled", _("Cancelled")


# Whoever comes later in the journey has the higher rank; news of a lower one change nothing.
RANK = {
    State.PENDING: 0,
    State.UNCERTAIN: 0,
    State.REFUSED: 0,
    State.CREATED: 1,
    State.LABEL_READY: 2,
    State.PICKED_UP: 3,
    State.IN_TRANSIT: 4,
    State.OUT_FOR_DELIVERY: 5,
    State.INCIDENT: 5,
    State.RETURNING: 6,
    State.DELIVERED: 7,
    State.RETURNED: 8,
    State.CANCELLED: 9,
}
BEFORE_CARRIER = (State.PENDING, State.UNCERTAIN, State.REFUSED)
WAITING = (State.CREATED, State.LABEL_READY)
MOVING = (
    State.PICKED_UP,
    State.IN_TRANSIT,
    State.OUT_FOR_DELIVERY,
    State.INCIDENT,
    State.RETURNING,
)
ENDED = (State.DELIVERED, State.RETURNED, State.CANCELLED)


class Pickup(models.Model):
    """One visit of a carrier at one place on one day."""

    class State(models.TextChoices):
        PENDING = "pending", _("To be asked for")
        # The answer was lost: a person asks the carrier before asking for a second visit.
        UNCERTAIN = "uncertain", _("Perhaps asked for")
        REQUESTED = "requested", _("Asked for")
        REFUSED = "refused", pgettext_lazy("pick-up", "Refused by the carrier")
        DONE = "done", pgettext_lazy("pick-up", "Picked up")
        CANCELLED = "cancelled", pgettext_lazy("pick-up", "Cancelled")

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="pickups", verbose_name=_("organization")
    )
    account = models.ForeignKey(
        CarrierAccount, models.PROTECT, related_name="pickups", verbose_name=_("carrier")
    )
    origin = models.ForeignKey(
        Origin, models.PROTECT, related_name="pickups", verbose_name=_("place of dispatch")
    )
    on = models.DateField(_("day"))
    # A second visit of one day, asked for after the first was done, has the next number.
    round = models.PositiveSmallIntegerField(_("visit of the day"), default=1)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    carrier_reference = LineField(_("carrier's number"), max_length=120, blank=True)
    cost = models.BigIntegerField(_("cost"), null=True, blank=True)
    error = LineField(_("why not"), max_length=300, blank=True)
    # When a worker takes it (again); empty when there is nothing to do.
    due_at = models.DateTimeField(null=True, editable=False)
    # When the carrier was asked: from then on it may have heard us.
    asked_at = models.DateTimeField(null=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who asked"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = scoped()

    class Meta:
        verbose_name = _("pick-up by a carrier")
        verbose_name_plural = _("pick-ups by carriers")
        ordering = ["-on", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_pickup_for_a_visit", fields=["account", "origin", "on", "round"]
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], name="pickup_due", condition=Q(due_at__isnull=False))
        ]

    def __str__(self):
        return f"{self.account} · {self.on}"


class Shipment(models.Model):
    """What goes to one address together: the wish of the shop, and how it stands.

    The row is the intention and is saved before a carrier hears of it; `code` is what the carrier
    is told as our reference, so that a shipment whose answer was lost can be found there.
    """

    id = KeyField()
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="shipments", verbose_name=_("organization")
    )
    # The public numbers of the orders in it, as "1024" or "1024 1031": orders stand above.
    reference = LineField(_("orders"), max_length=120)
    # Ours, also on our label: "1024-1".
    code = LineField(_("code"), max_length=40)
    # Empty: own couriers, or a carrier without account whose number staff write down.
    account = models.ForeignKey(
        CarrierAccount,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="shipments",
        verbose_name=_("carrier account"),
    )
    origin = models.ForeignKey(
        Origin,
        models.PROTECT,
        null=True,
        related_name="shipments",
        verbose_name=_("place of dispatch"),
    )
    # Who really drives, as people know them: "Coordinadora", "Mensajero propio".
    carrier_name = LineField(_("carrier"), max_length=60)
    service = models.CharField(_("service"), max_length=80, blank=True)
    service_name = LineField(_("service, in words"), max_length=80, blank=True)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.PENDING)
    state_at = models.DateTimeField(_("in this state since"))
    # The carrier's own word for it, known or not.
    raw_state = models.CharField(_("in the carrier's words"), max_length=120, blank=True)
    is_raw_state_unknown = models.BooleanField(_("unknown word"), default=False)
    is_test = models.BooleanField(_("test"), default=False)

    # Both addresses as they were (see logistics/addresses.py).
    sender = models.JSONField(_("sender"), default=dict)
    recipient = models.JSONField(_("recipient"))
    # As carriers/base.py describes its Content, one for each line.
    contents = models.JSONField(_("contents"), default=list)
    notes = LineField(_("for the courier"), max_length=120, blank=True)

    # Money, in minor units
    currency = models.CharField(_("currency"), max_length=3, default="COP")
    declared_value = models.BigIntegerField(_("declared value"), default=0)
    cash_to_collect = models.BigIntegerField(_("to collect at the door"), default=0)
    quoted_cost = models.BigIntegerField(_("quoted cost"), null=True, blank=True)
    cost = models.BigIntegerField(_("cost"), null=True, blank=True)

    # What the carrier made of it
    carrier_id = models.CharField(_("carrier's id"), max_length=120, blank=True)
    tracking_number = LineField(_("tracking number"), max_length=60, blank=True)
    tracking_url = models.URLField(_("tracking page"), max_length=300, blank=True)
    # What an adapter has to remember between its steps; never a secret.
    progress = models.JSONField(default=dict, blank=True, editable=False)
    # The carrier's own label as it came; empty while there is none, or when ours is printed.
    label = models.FileField(pgettext_lazy("shipment", "label"), max_length=200, blank=True)
    label_printed_at = models.DateTimeField(_("label printed"), null=True, blank=True)

    # Work: when a worker takes it (again) to create it, fetch its label or cancel it.
    due_at = models.DateTimeField(null=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    error = LineField(_("why not"), max_length=300, blank=True)
    # When the carrier was asked to create it: from then on it may exist there.
    asked_at = models.DateTimeField(null=True, editable=False)
    cancel_wanted_at = models.DateTimeField(_("to be cancelled"), null=True, editable=False)
    cancel_asked_at = models.DateTimeField(null=True, editable=False)
    # When it is looked after next at the carrier, and how often it was.
    track_at = models.DateTimeField(null=True, editable=False)
    tracked_at = models.DateTimeField(_("last looked after"), null=True, editable=False)
    track_tries = models.PositiveSmallIntegerField(default=0, editable=False)

    pickup = models.ForeignKey(
        Pickup,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="shipments",
        verbose_name=_("pick-up"),
    )
    promised_on = models.DateField(_("promised for"), null=True, blank=True)
    handed_over_at = models.DateTimeField(_("handed over"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    returned_at = models.DateTimeField(_("came back"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who made it"),
    )
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)
    created_at = models.DateTimeField(_("created"))

    objects = scoped()

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        ordering = ["-id"]
        constraints = [
            # One intention, one shipment, whoever is impatient.
            models.UniqueConstraint(name="one_shipment_per_code", fields=["organization", "code"]),
            models.CheckConstraint(
                name="shipment_money_is_not_negative",
                condition=Q(declared_value__gte=0, cash_to_collect__gte=0),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "state", "-id"], name="shipment_queue"),
            models.Index(fields=["organization", "tracking_number"], name="shipment_tracking"),
            models.Index(fields=["account", "carrier_id"], name="shipment_at_carrier"),
            models.Index(fields=["due_at"], name="shipment_due", condition=Q(due_at__isnull=False)),
            models.Index(
                fields=["account", "track_at"],
                name="shipment_to_track",
                condition=Q(track_at__isnull=False),
            ),
            models.Index(fields=["state_at"], name="shipment_changed"),
            models.Index(
                fields=["organization", "delivered_at"],
                name="shipment_cash",
                condition=Q(state="delivered", cash_to_collect__gt=0),
            ),
        ]

    def __str__(self):
        return f"{self.carrier_name} {self.tracking_number or self.code}".strip()

    # --- Questions ----------------------------------------------------------------------------

    @property
    def is_ours(self) -> bool:
        """Whether nobody outside is asked about it: own couriers, or a number written by hand."""
        return self.account_id is None

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED

    @property
    def may_cancel(self) -> bool:
        """Whether it may still be taken back: nobody drives it yet."""
        return self.state in BEFORE_CARRIER or self.state in WAITING


class Parcel(models.Model):
    """One box of a shipment, as carriers weigh and measure it."""

    id = KeyField()
    shipment = models.ForeignKey(
        Shipment, models.CASCADE, related_name="parcels", verbose_name=_("shipment")
    )
    position = models.PositiveSmallIntegerField(_("number"), default=1)
    weight_grams = models.PositiveIntegerField(_("weight (g)"))
    length_cm = models.PositiveSmallIntegerField(_("length (cm)"))
    width_cm = models.PositiveSmallIntegerField(_("width (cm)"))
    height_cm = models.PositiveSmallIntegerField(_("height (cm)"))
    # When its own code was scanned at the hand-over; of several boxes all have to be.
    loaded_at = models.DateTimeField(_("loaded"), null=True, editable=False)

    objects = scoped("shipment__organization")

    class Meta:
        verbose_name = _("parcel")
        verbose_name_plural = _("parcels")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(name="parcel_is_counted", fields=["shipment", "position"])
        ]

    def __str__(self):
        return f"{self.position}"


class TrackingEvent(models.Model):
    """What a carrier, or a person of the shop, said of a shipment; kept once."""

    id = KeyField()
    shipment = models.ForeignKey(
        Shipment, models.CASCADE, related_name="events", verbose_name=_("shipment"), db_index=False
    )
    # Empty when the carrier's word is unknown to us: it is shown as it came.
    state = models.CharField(_("state"), max_length=16, choices=State, blank=True)
    raw_state = models.CharField(_("in the carrier's words"), max_length=120, blank=True)
    description = LineField(_("what happened"), max_length=300, blank=True)
    place = LineField(_("where"), max_length=120, blank=True)
    # By the carrier's clock.
    at = models.DateTimeField(_("when"))
    received_at = models.DateTimeField(_("heard"))
    # Of what makes two tellings one event (see tracking.py).
    fingerprint = models.CharField(max_length=64, editable=False)
    # Who said so, when it was no carrier.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who"),
    )

    objects = scoped("shipment__organization")

    class Meta:
        verbose_name = _("tracking event")
        verbose_name_plural = _("tracking events")
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(name="event_is_kept_once", fields=["shipment", "fingerprint"])
        ]

    def __str__(self):
        return self.description or self.raw_state


class Incident(models.Model):
    """Something that keeps a shipment from arriving ("novedad"), and the shop's answer to it."""

    class State(models.TextChoices):
        OPEN = "open", _("To be answered")
        # The answer is on its way to the carrier.
        SENDING = "sending", _("Answer being sent")
        ANSWERED = "answered", _("Answered")
        FAILED = "failed", _("The answer was refused")
        CLOSED = "closed", _("Closed")

    id = KeyField()
    shipment = models.ForeignKey(
        Shipment, models.CASCADE, related_name="incidents", verbose_name=_("shipment")
    )
    # The carrier's own id; without one (told by tracking only) a fingerprint of ours.
    carrier_id = models.CharField(_("carrier's id"), max_length=120)
    code = models.CharField(_("code"), max_length=40, blank=True)
    description = LineField(_("what happened"), max_length=300)
    raw_state = models.CharField(_("in the carrier's words"), max_length=40, blank=True)
    # As carriers/base.py describes its PossibleReply, one for each.
    possible_replies = models.JSONField(_("possible answers"), default=list, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    # Until then an answer helps; afterwards the parcel comes back.
    answer_by = models.DateTimeField(_("answer until"))
    # As carriers/base.py describes its Reply.
    reply = models.JSONField(_("answer"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who answered"),
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    error = LineField(_("why not"), max_length=300, blank=True)
    due_at = models.DateTimeField(null=True, editable=False)
    asked_at = models.DateTimeField(null=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    happened_at = models.DateTimeField(_("happened"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    notes = ParagraphField(_("notes"), blank=True, max_length=2_000)

    objects = scoped("shipment__organization")

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering = ["answer_by", "id"]
        constraints = [
            models.UniqueConstraint(name="incident_is_kept_once", fields=["shipment", "carrier_id"])
        ]
        indexes = [
            models.Index(fields=["due_at"], name="incident_due", condition=Q(due_at__isnull=False)),
            models.Index(
                fields=["answer_by"],
                name="incident_open",
                condition=Q(state__in=("open", "failed")),
            ),
        ]

    def __str__(self):
        return self.description
