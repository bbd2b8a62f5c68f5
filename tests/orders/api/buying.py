"""A buyer at the API: a cart with something in it, and the way to an order."""

from uuid import uuid4

from rest_framework.test import APIClient

from orders.models import PaymentAccount, Voucher
from shop import pages
from tests import make
from tests.shop import places

BOGOTA = "11001"


def shop() -> PaymentAccount:
    """Let the shop deliver everywhere and be paid by the practice gateway."""
    places.reload()
    make.national_rate()
    return make.payment_account("practice")


def key() -> dict:
    """Give the header of a new wish."""
    return {"Idempotency-Key": str(uuid4())}


def cart(client=None, *variants, quantity: int = 1, host: str = "testserver") -> str:
    """Open a cart with so many of each variant and give its token."""
    client = client or APIClient()
    token = client.post("/api/carts/", {}, headers={"host": host}).json()["token"]
    for variant in variants:
        answer = client.post(
            f"/api/carts/{token}/lines/",
            {"sku": variant.sku, "quantity": quantity},
            headers={"host": host},
        )
        assert answer.status_code == 200, answer.content
    return token


def wish(token: str, account: PaymentAccount | None = None, **fields) -> dict:
    """Give the body of a checkout that is accepted as it stands."""
    client = APIClient()
    offer = client.get(f"/api/carts/{token}/offer/", {"municipality": BOGOTA}).json()
    return {
        "cart": token,
        "contact": {
            "name": "Ana Gómez",
            "email": "ana@example.com",
            "phone": "+573001234567",
            "document_type": "CC",
            "document_number": "1020304050",
        },
        "municipality": BOGOTA,
        "address": {"line": "Carrera 7 # 71-21", "neighbourhood": "Chapinero"},
        "delivery": offer["deliveries"][0]["code"] if offer.get("deliveries") else "none",
        "payment": str(account.pk) if account else None,
        "terms_version": pages.VERSIONS[pages.TERMS],
        **fields,
    }


def voucher(code: str = "HOLA10", **fields) -> Voucher:
    fields = {"organization": make.here(), "kind": "percent", "percent": 10, **fields}
    return Voucher.objects.create(code=code, **fields)
