"""An address and a phone as people write them, on paper and on pages."""

from phonenumber_field.phonenumber import PhoneNumber


def place(address: dict) -> list[str]:
    """Write an address as an order keeps it (see orders/checkout.py), recipient first."""
    street = ", ".join(filter(None, (address.get("line"), address.get("complement"))))
    lines = (
        address.get("recipient"),
        street,
        address.get("neighbourhood"),
        town(address),
        address.get("postal_code"),
        phone(address.get("phone")),
    )
    return [line for line in lines if line]


def town(address: dict) -> str:
    """Write where an address is; a city that is a department of its own, as Bogotá, once."""
    names = (address.get("municipality"), address.get("department"))
    return ", ".join(dict.fromkeys(filter(None, names)))


def phone(number) -> str:
    """Write a phone as it is dialled inside the country."""
    if not number:
        return ""
    known = PhoneNumber.from_string(str(number), region="CO")
    return known.as_national if known.is_valid() else str(number)
