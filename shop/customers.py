"""Accounts and guests as one customer."""

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.lib.errors import DomainError

from . import sequences
from .models import Address, Consent, Customer, CustomerIdentity, Organization, User
from .signals import customer_joined

MOST_ADDRESSES = 50


class CustomerBanned(DomainError):
    code = "customer_banned"


class AddressBookFull(DomainError):
    code = "address_book_full"


class AddressTaken(DomainError):
    code = "address_taken"


def create(organization: Organization, **fields) -> Customer:
    """Create a customer with the next reference, such as KAIU-C-26-0001."""
    with transaction.atomic():
        customer = Customer(organization=organization, **fields)
        return save_new(customer, sequences.next_number(organization, sequence()))


def sequence(now=None) -> str:
    """Name the sequence of this year's references."""
    return f"customer-{timezone.localdate(now).year % 100:02d}"


def save_new(customer: Customer, number: int) -> Customer:
    """Save a new customer under a number of sequence() that the caller has taken."""
    organization = customer.organization
    prefix = organization.slug.split("-")[0].upper()[:8]
    customer.reference = f"{prefix}-C-{timezone.localdate().year % 100:02d}-{number:04d}"
    customer.save(force_insert=True)
    CustomerIdentity._base_manager.bulk_create(
        CustomerIdentity(organization=organization, customer=customer, kind=kind, value=value)
        for kind, value in (
            (CustomerIdentity.Kind.EMAIL, customer.email.lower()),
            (CustomerIdentity.Kind.PHONE, str(customer.phone or "")),
        )
        if value
    )
    return customer


def guest(organization: Organization, *, email: str, phone: str) -> Customer | None:
    """Give the guest who left exactly this e-mail and phone before; None for somebody new.

    It opens nothing: what a guest left is shown to nobody but the shop. Refuses whom the shop has
    banned under either of them (CustomerBanned).
    """
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, {"organization": organization.pk, "email": email, "phone": phone})
        found = cursor.fetchall()
    if any(status != Customer.Status.ACTIVE for _key, status, _is_same in found):
        raise _not_welcome()
    same = [key for key, _status, is_same in found if is_same]
    if not same:
        return None
    # Held until the order is there: a guest who joins an account meanwhile would take its row away.
    held = Customer.objects.select_for_update(no_key=True, of=("self",))
    return held.filter(pk=min(same)).first()


# One index each; two conditions joined by OR would read every row.
_KNOWN = """
SELECT id, status, user_id IS NULL AND phone = %(phone)s FROM shop_customer
WHERE organization_id = %(organization)s::uuid AND email = %(email)s AND email <> ''
UNION
SELECT id, status, user_id IS NULL AND email = %(email)s FROM shop_customer
WHERE organization_id = %(organization)s::uuid AND phone = %(phone)s AND phone <> ''
"""


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
    # Two claims of one customer take turns, and a guest that two customers claim goes to one.
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    customer.refresh_from_db()
    proved = CustomerIdentity.objects.filter(
        kind=kind, value=value, account="", verified_at__isnull=False
    )
    if proved.exclude(customer=customer).exists():
        raise AddressTaken(_("This address already belongs to another customer."))
    identity, _created = CustomerIdentity.objects.get_or_create(
        organization=customer.organization, customer=customer, kind=kind, account="", value=value
    )
    if identity.verified_at is None:
        identity.verified_at = now
        try:
            with transaction.atomic():
                identity.save(update_fields=["verified_at"])
        except IntegrityError as error:
            raise AddressTaken(_("This address already belongs to another customer.")) from error
    left_under_it = CustomerIdentity.objects.filter(kind=kind, value=value, account="").values(
        "customer_id"
    )
    proved_by = CustomerIdentity.objects.filter(verified_at__isnull=False).values("customer_id")
    guests = list(
        Customer.objects.filter(user__isnull=True, pk__in=left_under_it)
        .exclude(pk=customer.pk)
        .exclude(pk__in=proved_by)
        .order_by("id")
        .select_for_update()
    )
    for guest in guests:
        _join(customer, guest)
    return guests


# The status that a person keeps when one of two rows is joined to the other.
_SEVERITY = [Customer.Status.ACTIVE, Customer.Status.SUSPENDED, Customer.Status.BANNED]


def _join(customer: Customer, guest: Customer) -> None:
    """Move everything a guest left to the customer, and drop the empty guest."""
    guest.addresses.update(customer=customer, is_default=False)
    guest.consents.update(customer=customer)
    for identity in guest.identities.all():
        known = customer.identities.filter(
            kind=identity.kind, account=identity.account, value=identity.value
        )
        if not known.exists():
            identity.customer = customer
            identity.save(update_fields=["customer"])
    customer.order_count += guest.order_count
    customer.last_order_at = max(
        filter(None, (customer.last_order_at, guest.last_order_at)), default=None
    )
    customer.tags = sorted({*customer.tags, *guest.tags})
    customer.notes = "\n".join(filter(None, (customer.notes, guest.notes)))
    customer.name = customer.name or guest.name
    customer.phone = customer.phone or guest.phone
    if not customer.document_number:
        customer.document_type = guest.document_type
        customer.document_number = guest.document_number
    customer.status = max(customer.status, guest.status, key=_SEVERITY.index)
    customer.save()
    customer_joined.send(sender=Customer, customer=customer, guest=guest)
    guest.delete()


@transaction.atomic
def follow_account(customer: Customer, user: User) -> None:
    """Take over the e-mail that the account signs in with, and let go of the one before."""
    if customer.email == user.email:
        return
    customer.identities.filter(kind=CustomerIdentity.Kind.EMAIL, value=customer.email).delete()
    customer.email = user.email
    customer.save(update_fields=["email"])


def require_welcome(customer: Customer) -> None:
    """Refuse a banned or suspended customer who wants to order or to chat."""
    if customer.status != Customer.Status.ACTIVE:
        raise _not_welcome()


def _not_welcome() -> CustomerBanned:
    return CustomerBanned(_("This account cannot buy or chat. Write to the shop for help."))


@transaction.atomic
def use_by_default(address: Address) -> None:
    """Make this the address that a checkout proposes."""
    Customer.objects.select_for_update(no_key=True).get(pk=address.customer_id)
    Address.objects.filter(customer_id=address.customer_id, is_default=True).exclude(
        pk=address.pk
    ).update(is_default=False)
    Address.objects.filter(pk=address.pk).update(is_default=True)


@transaction.atomic
def save_profile(customer: Customer) -> None:
    """Keep what a customer says about themselves; a new phone is theirs once it is proved."""
    customer.save(update_fields=["name", "phone", "document_type", "document_number"])
    phones = customer.identities.filter(
        kind=CustomerIdentity.Kind.PHONE, account="", verified_at__isnull=True
    )
    phones.exclude(value=str(customer.phone)).delete()
    if customer.phone:
        CustomerIdentity.objects.get_or_create(
            organization=customer.organization,
            customer=customer,
            kind=CustomerIdentity.Kind.PHONE,
            account="",
            value=str(customer.phone),
        )


@transaction.atomic
def save_address(address: Address, *, by_default: bool) -> Address:
    """Keep a new or changed address, as the one a checkout proposes when asked."""
    Customer.objects.select_for_update(no_key=True).get(pk=address.customer_id)
    others = Address.objects.filter(customer_id=address.customer_id).exclude(pk=address.pk)
    if others.count() >= MOST_ADDRESSES:
        raise AddressBookFull(_("Your address book is full. Delete an address first."))
    # The mark moves from one address to the other only under the lock.
    address.is_default = False
    address.save()
    if by_default:
        use_by_default(address)
    return address


@transaction.atomic
def give_consent(
    customer: Customer, *, purpose: str, version: str, address: str | None, source: str, now=None
) -> Consent:
    """Record what the customer agreed to, once per purpose and version."""
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
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


def withdraw_consent(customer: Customer, *, purpose: str, now=None) -> int:
    """End what the customer agreed to, at once; the record of it stays."""
    return customer.consents.filter(purpose=purpose, withdrawn_at__isnull=True).update(
        withdrawn_at=now or timezone.now()
    )


def agrees(customer: Customer, *, purpose: str) -> bool:
    """Say whether the customer's consent for this purpose stands."""
    return customer.consents.filter(purpose=purpose, withdrawn_at__isnull=True).exists()
