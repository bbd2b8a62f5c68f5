"""What an account is in the shop it signs in to."""

import logging

from allauth.account.models import EmailAddress
from django.utils import timezone

from .. import audit, customers
from ..models import AuditEntry, Customer, CustomerIdentity, Membership, Organization, User

logger = logging.getLogger(__name__)

# The text about personal data that people agree to now; raise it with every change of the text.
PRIVACY_VERSION = "2026-11"


def welcome(organization: Organization, user: User) -> Customer:
    """Give the customer that this person is here, with what they left as a guest.

    Runs at every sign-in, so that an address proved in one shop counts in the next one, and a
    purchase made as a guest in between is found as well.
    """
    customer = customers.of_user(organization, user)
    customers.follow_account(customer, user)
    if EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists():
        try:
            customers.claim(customer, kind=CustomerIdentity.Kind.EMAIL, value=user.email)
        except customers.AddressTaken:
            # Two people proved the same address, one after the other: what the first one has
            # stays theirs until a person of the shop looks at it.
            logger.warning("The address of customer %s belongs to another one", customer.reference)
    return customer


def note_work(organization: Organization, user: User) -> None:
    """Write down that a person of the back-office signed in."""
    membership = Membership.objects.filter(
        organization=organization, user=user, is_active=True
    ).first()
    if membership is None:
        return
    Membership.objects.filter(pk=membership.pk).update(last_seen_on=timezone.localdate())
    audit.record(organization, user, AuditEntry.Action.SIGNED_IN, membership, source="sign-in")
