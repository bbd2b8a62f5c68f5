"""Accounts and guests as one customer."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.lib.errors import DomainError

from . import sequences
from .models import Address, Consent, Customer, CustomerIdentity, Organization, User


class CustomerBanned(DomainError):
    code = "customer_banned"


def create(organization: Organization, **fields) -> Customer:
    """Create a customer with the next reference, such as KAIU-C-26-0001."""
    with transaction.atomic():
        year = timezone.localdate().year % 100
        number = sequences.next_number(organization, f"customer-{year:02d}")
        prefix = organization.slug.split("-")[0].upper()[:8]
        customer = Customer(
            organization=organization,
            reference=f"{prefix}-C-{year:02d}-{number:04d}",
            **fields,
        )
        customer.save()
        for kind, value in (
            (CustomerIdentity.Kind.EMAIL, customer.email.lower()),
            (CustomerIdentity.Kind.PHONE, str(customer.phone or "")),
        ):
            if value:
                CustomerIdentity.objects.create(
                    organization=organization, customer=customer, kind=kind, value=value
                )
    return customer


def of_user(organization: Organization, user: User) -> Customer:
    """Give the customer that this account is here, created at the first visit."""
    customer = Customer.objects.filter(organization=organization, user=user).first()
    if customer is None:
        with transaction.atomic():
            # Two first visits at once wait here for each other.
            User.objects.select_for_update(no_key=True).get(pk=user.pk)
            customer = Customer.objects.filter(organization=organization, user=user).first()
            if customer is None:
                customer = create(
                    organization, user=user, name=user.name, email=user.email, source="account"
                )
    return customer


@transaction.atomic
def claim(customer: Customer, *, kind: str, value: str, now=None) -> list[Customer]:
    """Join what guests left under an address or phone that this customer has proved to own.

    Gives the guests that were joined. Customers with an account of their own are left alone: they
    proved something else, and two people never become one.
    """
    now = now or timezone.now()
    identity, _created = CustomerIdentity.objects.get_or_create(
        organization=customer.organization, customer=customer, kind=kind, account="", value=value
    )
    already = CustomerIdentity.objects.select_for_update(no_key=True, of=("self",)).filter(
        kind=kind, value=value, account="", verified_at__isnull=False
    )
    if already.exclude(customer=customer).exists():
        raise DomainError(_("This address already belongs to another customer."))
    if identity.verified_at is None:
        identity.verified_at = now
        identity.save(update_fields=["verified_at"])
    guests = list(
        Customer.objects.filter(user__isnull=True, identities__kind=kind, identities__value=value)
        .exclude(pk=customer.pk)
        .exclude(identities__verified_at__isnull=False)
        .order_by("id")
        .distinct()
    )
    for guest in guests:
        _join(customer, guest)
    return guests


def _join(customer: Customer, guest: Customer) -> None:
    """Move everything a guest left to the customer, and drop the empty guest."""
    guest.addresses.update(customer=customer, is_default=False)
    guest.consents.update(customer=customer)
    for identity in guest.identities.all():
        if not customer.identities.filter(kind=identity.kind, value=identity.value).exists():
            identity.customer = customer
            identity.save(update_fields=["customer"])
    customer.order_count += guest.order_count
    customer.last_order_at = max(
        filter(None, (customer.last_order_at, guest.last_order_at)), default=None
    )
    customer.tags = sorted({*customer.tags, *guest.tags})
    customer.notes = "\n".join(filter(None, (customer.notes, guest.notes)))
    if guest.status == Customer.Status.BANNED:
        customer.status = guest.status
    customer.save()
    guest.delete()


def require_welcome(customer: Customer) -> None:
    """Refuse a banned or suspended customer who wants to order or to chat."""
    if customer.status != Customer.Status.ACTIVE:
        raise CustomerBanned(_("This account cannot buy or chat. Write to the shop for help."))


@transaction.atomic
def use_by_default(address: Address) -> None:
    """Make this the address that a checkout proposes."""
    Customer.objects.select_for_update(no_key=True).get(pk=address.customer_id)
    Address.objects.filter(customer_id=address.customer_id, is_default=True).exclude(
        pk=address.pk
    ).update(is_default=False)
    Address.objects.filter(pk=address.pk).update(is_default=True)


def give_consent(
    customer: Customer, *, purpose: str, version: str, address: str | None, source: str, now=None
) -> Consent:
    """Record what the customer agreed to, once per purpose and version."""
    consent = customer.consents.filter(
        purpose=purpose, version=version, withdrawn_at__isnull=True
    ).first()
    return consent or Consent.objects.create(
        customer=customer,
        purpose=purpose,
        version=version,
        address=address,
        source=source,
        granted_at=now or timezone.now(),
    )
