"""What buying does when other parts report news."""

import logging

from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone
from kombu.exceptions import OperationalError

from logistics.signals import cash_told, shipment_changed
from shop import customers
from shop.signals import (
    activity_asked,
    customer_joined,
    demo_loading,
    demo_removing,
    readiness_asked,
    still_lying_asked,
)

from . import cart_joining, cash_tasks, readiness, sales, tasks, tokens, unpacked
from .demo import loading
from .models import Cart, KeepingConsent, Order, SavedMethod, Subscription, VoucherUse
from .signals import order_moved
from .storefront import visitor_cart
from .subscriptions import tasks as subscription_tasks

logger = logging.getLogger(__name__)


@receiver(user_logged_in, dispatch_uid="orders.merge_cart")
def merge_cart(sender, request, user, **kwargs):
    """Keep what somebody chose before signing in; no cart is worth a failed sign-in."""
    organization = getattr(request, "organization", None)
    token = request.COOKIES.get(visitor_cart.COOKIE, "") if request is not None else ""
    if organization is None or not token:
        return
    try:
        with transaction.atomic():
            cart_id = tokens.cart_of(organization, token)
            if cart_id is not None:
                customer = customers.of_user(organization, user)
                cart_joining.merge(organization, cart_id, customer, now=timezone.now())
    except Exception:
        logger.exception("The cart of a visitor who signed in could not be kept")


@receiver(customer_joined, dispatch_uid="orders.follow_customer")
def follow_customer(sender, customer, guest, **kwargs):
    """Give what a guest ordered, used and chose to the customer they turned out to be."""
    Order.objects.filter(customer=guest).update(customer=customer)
    VoucherUse.objects.filter(customer=guest).update(customer=customer)
    SavedMethod.objects.filter(customer=guest).update(customer=customer)
    Subscription.objects.filter(customer=guest).update(customer=customer)
    carts = Cart.objects.filter(customer=guest)
    chosen = carts.filter(ordered_at=None, prepared_by=None).values_list("pk", flat=True)
    for cart_id in list(chosen):
        # A customer has one open cart: what the guest chose is put into it.
        Cart.objects.filter(pk=cart_id).update(customer=None)
        cart_joining.merge(customer.organization, cart_id, customer, now=timezone.now())
    carts.update(customer=customer)


@receiver(order_moved, dispatch_uid="orders.follow_subscriptions")
def follow_subscriptions(sender, order, attempt, now, **kwargs):
    """Keep the card of an order that was paid with permission, and go on with what it renews."""
    if attempt is not None and attempt.keeps_method:
        for consent in KeepingConsent.objects.filter(order=order, done_at=None):
            KeepingConsent.objects.filter(pk=consent.pk, done_at=None).update(try_at=now)
            _soon(
                subscription_tasks.follow_consent,
                organization_id=str(order.organization_id),
                consent_id=str(consent.pk),
            )
    if order.source == Order.Source.REPEAT:
        for key in Subscription.objects.filter(periods__order=order).values_list("pk", flat=True):
            Subscription.objects.filter(pk=key).update(act_at=now)
            _soon(
                subscription_tasks.advance,
                organization_id=str(order.organization_id),
                subscription_id=str(key),
            )


@receiver(shipment_changed, dispatch_uid="orders.follow_shipment")
def follow_shipment(sender, shipment_id, organization_id, **kwargs):
    """Let orders follow their shipments; what is missed here is found by the sweeper."""
    _soon(
        tasks.follow_shipment,
        organization_id=str(organization_id),
        shipment_id=str(shipment_id),
    )


@receiver(cash_told, dispatch_uid="orders.follow_cash")
def follow_cash(sender, statement_id, organization_id, **kwargs):
    """Let the orders of a carrier's statement follow it; without a broker the sweeper does."""
    _soon(cash_tasks.follow_statement, organization_id=organization_id, statement_id=statement_id)


def _soon(task, **arguments) -> None:
    """Queue a task after the commit; without a broker the sweeper finds its row."""

    def queue() -> None:
        try:
            task.delay(**arguments)
        except OperationalError:
            logger.warning("News of an order could not be announced", exc_info=True)

    transaction.on_commit(queue)


@receiver(demo_loading, dispatch_uid="orders.load_demo")
def load_demo(sender, organization, now=None, **kwargs):
    """Let a new demo shop sell; the ways of delivery are there, for logistics hears this first."""
    loading.load(organization, now=now or timezone.now())


@receiver(demo_removing, dispatch_uid="orders.remove_demo")
def remove_demo(sender, organization, **kwargs):
    """Take the orders out again, before the products and customers that they hold."""
    loading.remove(organization, now=timezone.now())


@receiver(readiness_asked, dispatch_uid="orders.readiness")
def give_readiness(sender, organization, **kwargs):
    return readiness.points(organization)


@receiver(activity_asked, dispatch_uid="orders.activity")
def tell_activity(sender, now, **kwargs):
    """Say how many orders each shop of the open scope had lately."""
    return sales.activity(now=now)


@receiver(still_lying_asked, dispatch_uid="orders.still_lying")
def still_lying(sender, organization, variants, **kwargs):
    """Give what confirmed orders took from the stock and nobody took from the shelf yet."""
    return unpacked.quantities(variants)
