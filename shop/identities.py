"""By which addresses a customer may be found again."""

from .models import Customer, CustomerIdentity


def keep(customer: Customer) -> None:
    """Let the e-mail and phone of this row, and no older ones, lead to the customer.

    An address that was proved stays; one that was only typed goes with the typing mistake, or a
    stranger who proves it later would be given this customer's orders.
    """
    for kind, value in (
        (CustomerIdentity.Kind.EMAIL, customer.email.lower()),
        (CustomerIdentity.Kind.PHONE, str(customer.phone or "")),
    ):
        typed = customer.identities.filter(kind=kind, account="", verified_at__isnull=True)
        typed.exclude(value=value).delete()
        if value:
            customer.identities.get_or_create(
                kind=kind,
                account="",
                value=value,
                defaults={"organization": customer.organization},
            )
