"""Wompi on loopback: its hosted page, its API and its events, as the reference describes them."""

import json
import time
from datetime import UTC, datetime
from hashlib import sha256
from html import escape
from urllib.parse import urlencode

from .stub import Request, Response, Stub

PUBLIC_KEY = "pub_test_EJEMPLO"
PRIVATE_KEY = "prv_test_EJEMPLO"
EVENTS_SECRET = "test_events_EJEMPLO0123456789abcdef"
INTEGRITY_SECRET = "test_integrity_EJEMPLO0123456789abcdef"
# What a payment account needs to speak with this stub.
SETTINGS = {"public_key": PUBLIC_KEY}
SECRETS = {
    "private_key": PRIVATE_KEY,
    "events_secret": EVENTS_SECRET,
    "integrity_secret": INTEGRITY_SECRET,
}
# The tokens of what a buyer accepts, by the names under which Wompi gives them.
ACCEPTED = {
    "presigned_acceptance": "eyJ.ejemplo.uno",
    "presigned_personal_data_auth": "eyJ.ejemplo.dos",
}
_PROPERTIES = ("transaction.id", "transaction.status", "transaction.amount_in_cents")
_BUTTONS = (
    ("APPROVED", "Aprobar"),
    ("DECLINED", "Rechazar"),
    ("ERROR", "Error"),
    ("PENDING", "Dejar pendiente"),
)


class WompiStub(Stub):
    """Approves, declines and voids; `lie` changes what it says of a transaction."""

    def __init__(self):
        super().__init__()
        self.transactions: dict[str, dict] = {}
        self.lie: dict = {}
        # Voids take effect when told (settle_voids), as asynchronous ones do.
        self.voids_wait = False
        self.void_answer: dict | None = None
        self._waiting: list[str] = []
        # The last digits behind each token, and the sources that were made of them.
        self.tokens: dict[str, str] = {}
        self.sources: dict[int, dict] = {}
        # What a charge of each card ends in; every other number ends in an error.
        self.outcomes = {"4242": "APPROVED", "1111": "DECLINED"}
        self._page: dict[str, dict] = {}

    def use_in(self, settings) -> None:
        """Send the adapter here instead of to Wompi."""
        addresses = {
            "test": f"{self.address}/v1",
            "live": f"{self.address}/v1",
            "page": f"{self.address}/p/",
        }
        settings.GATEWAY_ADDRESSES = {**settings.GATEWAY_ADDRESSES, "wompi": addresses}

    # --- Its books ----------------------------------------------------------------------------

    def pay(self, reference: str, amount: int, status: str = "APPROVED", **fields) -> dict:
        """Record a transaction as if a buyer had made it on the hosted page, and tell of it."""
        with self.lock:
            number = len(self.transactions) + 1
            transaction = {
                "id": f"15113-{int(time.time())}-{49200 + number}",
                "created_at": _moment(),
                "finalized_at": None,
                "amount_in_cents": amount,
                "reference": reference,
                "customer_email": "ana@example.com",
                "currency": "COP",
                "payment_method_type": "CARD",
                "payment_method": {
                    "type": "CARD",
                    "extra": {"brand": "VISA", "last_four": "4242"},
                    "token": "tok_test_ejemplo",
                    "installments": 1,
                },
                "status": status,
                "status_message": None if status != "DECLINED" else "Fondos insuficientes",
                "redirect_url": None,
                "customer_data": {
                    "full_name": "Ana Ruiz",
                    "phone_number": "+573001234567",
                    "device_id": "a1b2c3",
                    "browser_info": {"browser_language": "es-CO"},
                },
                **fields,
            }
            self.transactions[transaction["id"]] = transaction
        if status != "PENDING":
            self.tell(*self.event(transaction))
        return transaction

    def change(self, transaction: dict, status: str) -> None:
        """Let a transaction become something else, and tell of it."""
        transaction["status"] = status
        self.tell(*self.event(transaction))

    def settle_voids(self) -> None:
        """Carry out the voids that were asked for."""
        while self._waiting:
            self.change(self.transactions[self._waiting.pop()], "VOIDED")

    def event(self, transaction: dict, *, timestamp: int | None = None, **changes):
        """Give the headers and the body of the signed event about a transaction."""
        event = {
            "event": "transaction.updated",
            "data": {"transaction": {**transaction}},
            "sent_at": _moment(),
            "timestamp": timestamp or int(time.time()),
            "signature": {"properties": list(_PROPERTIES)},
            "environment": "test",
            **changes,
        }
        return signed(event)

    # --- Its answers --------------------------------------------------------------------------

    def answer(self, request: Request) -> Response:
        if request.path == "/p/":
            return self._show(request.query)
        if request.path == "/p/decide":
            return self._decide(request.form)
        path = request.path.removeprefix("/v1/").strip("/").split("/")
        if path == ["merchants", "info"]:
            return self._merchant(request)
        if path == ["tokens", "cards"]:
            return self._tokenise(request)
        if path[0] == "payment_sources":
            return self._source(request, path[1:])
        if path[0] != "transactions":
            return _error(404, "NOT_FOUND_ERROR")
        if request.method == "POST" and len(path) == 1:
            return self._create(request)
        if request.method == "POST" and path[2:] == ["void"]:
            return self._void(request, path[1])
        if len(path) == 2:
            return self._one(request, path[1])
        return self._search(request)

    def _one(self, request, transaction_id):
        if request.key != PRIVATE_KEY or transaction_id not in self.transactions:
            return _error(404, "NOT_FOUND_ERROR")
        told = {**self.transactions[transaction_id], **self.lie}
        return Response(200, {"data": told, "meta": {}})

    def _search(self, request):
        if request.key != PRIVATE_KEY:
            return _error(401, "INVALID_ACCESS_TOKEN")
        found = [
            {**transaction, **self.lie}
            for transaction in self.transactions.values()
            if transaction["reference"] == request.query.get("reference")
        ]
        page, size = int(request.query.get("page", 1)), int(request.query.get("page_size", 30))
        if size > 200:
            return _error(422, "INPUT_VALIDATION_ERROR")
        return Response(200, {"data": found[(page - 1) * size : page * size], "meta": {}})

    def _merchant(self, request):
        if request.headers.get("x-merchant-public-key") != PUBLIC_KEY:
            return _error(404, "NOT_FOUND_ERROR")
        agreements = {
            key: {"acceptance_token": token, "permalink": f"https://wompi.example/{key}.pdf"}
            for key, token in ACCEPTED.items()
        }
        data = {"name": "Tienda Ejemplo", "public_key": PUBLIC_KEY, **agreements}
        return Response(200, {"data": data, "meta": {}})

    def _tokenise(self, request):
        """Answer a browser, which asks from another origin whether it may."""
        allowed = {
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Headers": "authorization, content-type",
        }
        if request.method == "OPTIONS":
            return Response(204, headers=allowed, is_api=False)
        if request.key != PUBLIC_KEY:
            return _error(401, "INVALID_ACCESS_TOKEN")
        card = json.loads(request.body)
        return Response(
            201, {"status": "CREATED", "data": {"id": self.token(card["number"])}}, headers=allowed
        )

    def token(self, number: str = "4242424242424242") -> str:
        """Give the token of a card, as a browser gets it."""
        token = f"tok_test_{len(self.tokens) + 1}"
        self.tokens[token] = number[-4:]
        return token

    def _source(self, request, path):
        if request.key != PRIVATE_KEY:
            return _error(401, "INVALID_ACCESS_TOKEN")
        if request.method == "PUT" and path[1:] == ["void"]:
            source = self.sources.get(int(path[0]))
            if source is None or source["status"] == "VOIDED":
                return _error(422 if source else 404, "NOT_FOUND_ERROR")
            source["status"] = "VOIDED"
            return Response(200, {"data": source})
        wanted = json.loads(request.body)
        last_four = self.tokens.pop(wanted["token"], "")
        is_accepted = [wanted.get(name) for name in ("acceptance_token", "accept_personal_auth")]
        if not last_four or is_accepted != list(ACCEPTED.values()):
            return _error(422, "INPUT_VALIDATION_ERROR")
        source = {
            "id": 3000 + len(self.sources),
            "type": wanted["type"],
            "status": "AVAILABLE",
            "public_data": {
                "type": "CARD",
                "brand": "VISA",
                "last_four": last_four,
                "exp_month": "08",
                "exp_year": "30",
            },
        }
        self.sources[source["id"]] = source
        return Response(201, {"data": source, "meta": {}})

    def _charge(self, wanted):
        source = self.sources.get(wanted["payment_source_id"])
        signed_text = f"{wanted['reference']}{wanted['amount_in_cents']}{wanted['currency']}"
        digest = sha256(f"{signed_text}{INTEGRITY_SECRET}".encode()).hexdigest()
        if source is None or source["status"] != "AVAILABLE" or wanted["signature"] != digest:
            return _error(422, "INPUT_VALIDATION_ERROR")
        status = self.outcomes.get(source["public_data"]["last_four"], "ERROR")
        transaction = self.pay(
            wanted["reference"],
            wanted["amount_in_cents"],
            status,
            payment_source_id=source["id"],
        )
        # What it says at once is never the end of it.
        return Response(201, {"data": {**transaction, "status": "PENDING"}, "meta": {}})

    def _create(self, request):
        wanted = json.loads(request.body)
        if wanted.get("payment_source_id") and request.key != PRIVATE_KEY:
            return _error(401, "INVALID_ACCESS_TOKEN")
        if any(t["reference"] == wanted["reference"] for t in self.transactions.values()):
            return _error(422, "INPUT_VALIDATION_ERROR")
        if wanted.get("payment_source_id"):
            return self._charge(wanted)
        transaction = self.pay(wanted["reference"], wanted["amount_in_cents"], "PENDING")
        return Response(201, {"data": transaction, "meta": {}})

    def _void(self, request, transaction_id):
        if request.key != PRIVATE_KEY or transaction_id not in self.transactions:
            return _error(404, "NOT_FOUND_ERROR")
        transaction = self.transactions[transaction_id]
        is_card = transaction["payment_method_type"] == "CARD"
        is_asked = transaction_id in self._waiting
        if transaction["status"] != "APPROVED" or not is_card or is_asked:
            return _error(422, "INPUT_VALIDATION_ERROR")
        if self.void_answer is not None:
            return Response(201, self.void_answer)
        if self.voids_wait:
            self._waiting.append(transaction_id)
        else:
            self.change(transaction, "VOIDED")
        return Response(201)

    # --- Its page -----------------------------------------------------------------------------

    def _show(self, asked):
        text = "".join(
            asked.get(name, "")
            for name in ("reference", "amount-in-cents", "currency", "expiration-time")
        )
        digest = sha256(f"{text}{INTEGRITY_SECRET}".encode()).hexdigest()
        if asked.get("public-key") != PUBLIC_KEY or asked.get("signature:integrity") != digest:
            return Response(403, html="<h1>La firma no es válida</h1>", is_api=False)
        until = asked.get("expiration-time")
        if until and until < _moment():
            return Response(410, html="<h1>El pago venció</h1>", is_api=False)
        self._page[asked["reference"]] = asked
        buttons = "".join(
            f'<p><button name="status" value="{status}">{label}</button></p>'
            for status, label in _BUTTONS
        )
        page = (
            '<!doctype html><html lang="es"><title>Wompi</title>'
            '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
            f"<h1>Wompi</h1><p>{escape(asked['amount-in-cents'])}</p>"
            f'<form method="post" action="/p/decide"><input type="hidden" name="reference"'
            f' value="{escape(asked["reference"])}">{buttons}</form></html>'
        )
        return Response(200, html=page, is_api=False)

    def _decide(self, form):
        asked = self._page[form["reference"]]
        transaction = self.pay(
            form["reference"],
            int(asked["amount-in-cents"]),
            form["status"],
            redirect_url=asked.get("redirect-url"),
        )
        target = f"{asked['redirect-url']}?{urlencode({'id': transaction['id'], 'env': 'test'})}"
        return Response(302, location=target, is_api=False)


def signed(event: dict, *, secret: str = EVENTS_SECRET) -> tuple[dict, bytes]:
    """Give the headers and the body of an event, its checksum computed by Wompi's own rule."""
    text = ""
    for path in event["signature"]["properties"]:
        value = event["data"]
        for name in path.split("."):
            value = value[name]
        text += "" if value is None else str(value)
    checksum = sha256(f"{text}{event['timestamp']}{secret}".encode()).hexdigest()
    event = {**event, "signature": {**event["signature"], "checksum": checksum}}
    return {"X-Event-Checksum": checksum}, json.dumps(event).encode()


def _moment() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _error(status: int, kind: str) -> Response:
    return Response(status, {"error": {"type": kind, "reason": "…"}})
