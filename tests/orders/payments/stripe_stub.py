"""Stripe on loopback: Checkout Sessions, refunds and events, as the reference describes them."""

import hmac
import json
import time
from hashlib import sha256
from html import escape
from itertools import count

from .stub import Request, Response, Stub

SECRET_KEY = "sk_test_EJEMPLO"
WEBHOOK_SECRET = "whsec_test_0123456789abcdef"
SECRETS = {"secret_key": SECRET_KEY, "webhook_secrets": WEBHOOK_SECRET}
_BUTTONS = (("pay", "Pagar"), ("decline", "Rechazar"), ("pending", "Dejar pendiente"))


class StripeStub(Stub):
    """Replays by idempotency key; `lie` changes what it says of a payment."""

    def __init__(self):
        super().__init__()
        self.sessions: dict[str, dict] = {}
        self.intents: dict[str, dict] = {}
        self.charges: dict[str, dict] = {}
        self.refunds: dict[str, dict] = {}
        self.methods: dict[str, dict] = {}
        # What a bank says to a charge without its buyer, when it is no "succeeded".
        self.declines = False
        self.lie: dict = {}
        self.refund_status = "succeeded"
        # As another worker's refund is hidden from one that looked a moment before.
        self.hides_refunds = False
        self._answers: dict[str, tuple[bytes, Response]] = {}
        self._number = count(1)

    def use_in(self, settings) -> None:
        """Send the adapter here instead of to Stripe."""
        addresses = {"test": self.address, "live": self.address, "page": f"{self.address}/c/pay/"}
        settings.GATEWAY_ADDRESSES = {**settings.GATEWAY_ADDRESSES, "stripe": addresses}

    def forget_keys(self) -> None:
        """Prune the idempotency keys, as Stripe does after a day."""
        self._answers.clear()

    # --- What a buyer does on its page --------------------------------------------------------

    def pay(self, session_id: str, outcome: str = "pay") -> dict:
        """Pay, decline or leave pending a session as a buyer would, and tell of it."""
        session = self.sessions[session_id]
        intent = self._intent_of(session)
        if outcome == "decline":
            intent["status"] = "requires_payment_method"
            intent["last_payment_error"] = {
                "code": "card_declined",
                "decline_code": "generic_decline",
                "message": "Your card was declined.",
            }
            self.tell(*self.event("payment_intent.payment_failed", intent))
            return intent
        session["status"] = "complete"
        if outcome == "pending":
            intent["status"] = "processing"
        else:
            self._charge(session, intent)
        self.tell(*self.event("checkout.session.completed", session))
        return intent

    def finish(self, session_id: str) -> None:
        """Let a payment that was left pending succeed."""
        session = self.sessions[session_id]
        self._charge(session, self.intents[session["payment_intent"]])
        self.tell(*self.event("checkout.session.async_payment_succeeded", session))

    def end_refund(self, refund_id: str, status: str) -> None:
        """Let a pending refund end so."""
        refund = self.refunds[refund_id]
        refund["status"] = status
        if status == "failed":
            refund["failure_reason"] = "expired_or_canceled_card"
            self.charges[refund["charge"]]["amount_refunded"] -= refund["amount"]

    def event(self, kind: str, about: dict, *, sent_at: int | None = None, **changes):
        """Give the headers and the body of the signed event about an object."""
        event = {
            "id": f"evt_{next(self._number)}EJEMPLO",
            "object": "event",
            "api_version": "2026-10-28.endive",
            "created": int(time.time()),
            "livemode": False,
            "pending_webhooks": 1,
            "type": kind,
            "data": {"object": about},
            **changes,
        }
        return signed(json.dumps(event).encode(), sent_at=sent_at)

    def _intent_of(self, session):
        if session["payment_intent"] is None:
            session["payment_intent"] = self._id("pi")
            self.intents[session["payment_intent"]] = {
                "id": session["payment_intent"],
                "object": "payment_intent",
                "amount": session["amount_total"],
                "amount_received": 0,
                "currency": session["currency"],
                "last_payment_error": None,
                "latest_charge": None,
                "livemode": False,
                "metadata": session["_intent_metadata"],
                "status": "requires_payment_method",
            }
        return self.intents[session["payment_intent"]]

    def _charge(self, session, intent):
        charge = {
            "id": self._id("ch"),
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": intent["amount"],
            "amount_refunded": 0,
            "currency": intent["currency"],
            "disputed": False,
            "livemode": False,
            "metadata": intent["metadata"],
            "paid": True,
            "payment_intent": intent["id"],
            "payment_method_details": {"type": "card", "card": {"last4": "4242"}},
            "refunded": False,
            "status": "succeeded",
        }
        self.charges[charge["id"]] = charge
        intent.update(
            status="succeeded",
            amount_received=intent["amount"],
            latest_charge=charge["id"],
            last_payment_error=None,
        )
        if session is None:
            return
        session.update(status="complete", payment_status="paid")
        form = session["_form"]
        if form.get("payment_intent_data[setup_future_usage]") == "off_session":
            method = self.method()
            intent["payment_method"] = method["id"]
            if form.get("customer_creation") == "always":
                intent["customer"] = method["customer"] = self._id("cus")

    def method(self, last4: str = "4242") -> dict:
        """Give a card that is kept, still of nobody."""
        card = {"brand": "visa", "last4": last4, "exp_month": 8, "exp_year": 2030}
        method = {"id": self._id("pm"), "type": "card", "card": card, "customer": None}
        self.methods[method["id"]] = method
        return method

    def _id(self, kind) -> str:
        return f"{kind}_{next(self._number)}EJEMPLO"

    # --- Its answers --------------------------------------------------------------------------

    def answer(self, request: Request) -> Response:
        if request.path.startswith("/c/pay/"):
            return self._page(request, request.path.removeprefix("/c/pay/"))
        if request.key != SECRET_KEY:
            return _error(401, "invalid_request_error")
        key = request.headers.get("Idempotency-Key")
        if request.method == "POST" and key:
            if key in self._answers:
                sent, answer = self._answers[key]
                same = sent == request.body
                return answer if same else _error(400, "idempotency_error")
            answer = self._api(request)
            if answer.status in (200, 402):
                self._answers[key] = (request.body, answer)
            return answer
        return self._api(request)

    def _api(self, request):
        path = request.path.removeprefix("/v1/").strip("/").split("/")
        if path[:2] == ["checkout", "sessions"]:
            if len(path) == 2:
                return self._create(request.form)
            session = self.sessions.get(path[2])
            if session is None:
                return _error(404, "invalid_request_error", "resource_missing")
            if path[3:] == ["expire"]:
                return self._expire(session)
            return self._told(session, request)
        if path[0] == "payment_intents":
            return self._intents(request, path[1:])
        if path[0] == "payment_methods" and path[2:] == ["detach"]:
            return self._detach(path[1])
        if path == ["refunds"]:
            return self._refund(request.form) if request.method == "POST" else self._list(request)
        return _error(404, "invalid_request_error")

    def _create(self, form):
        if any(name.startswith("payment_method_types") for name in form):
            return _error(400, "invalid_request_error", "parameter_unknown")
        until = int(form["expires_at"])
        if not time.time() + 30 * 60 <= until <= time.time() + 24 * 3600:
            return _error(400, "invalid_request_error", "expires_at")
        amount = int(form["line_items[0][quantity]"]) * int(
            form["line_items[0][price_data][unit_amount]"]
        )
        session_id = self._id("cs_test")
        self.sessions[session_id] = {
            "id": session_id,
            "object": "checkout.session",
            "amount_total": amount,
            "client_reference_id": form.get("client_reference_id"),
            "currency": form["line_items[0][price_data][currency]"],
            "expires_at": until,
            "livemode": False,
            "metadata": _metadata(form, "metadata"),
            "mode": form["mode"],
            "payment_intent": None,
            "payment_status": "unpaid",
            "status": "open",
            "success_url": form["success_url"],
            "cancel_url": form["cancel_url"],
            "url": f"{self.address}/c/pay/{session_id}",
            "_intent_metadata": _metadata(form, "payment_intent_data[metadata]"),
            "_form": form,
        }
        return Response(200, _shown(self.sessions[session_id]))

    def _told(self, session, request):
        told = _shown(session)
        if session["payment_intent"]:
            expanded = " ".join(v for name, v in request.query.items() if "expand" in name)
            told["payment_intent"] = self._shown_intent(session["payment_intent"], expanded)
        return Response(200, told)

    def _shown_intent(self, intent_id, expanded):
        intent = {**self.intents[intent_id]}
        if intent["latest_charge"] and "latest_charge" in expanded:
            intent["latest_charge"] = self.charges[intent["latest_charge"]]
        if intent.get("payment_method") and "payment_method" in expanded:
            intent["payment_method"] = self.methods[intent["payment_method"]]
        return {**intent, **self.lie}

    # --- Cards that are kept ------------------------------------------------------------------

    def _intents(self, request, path):
        if request.method == "POST":
            return self._charge_kept(request.form)
        if path:
            if path[0] not in self.intents:
                return _error(404, "invalid_request_error", "resource_missing")
            return Response(200, self._shown_intent(path[0], str(request.query)))
        found = [
            self._shown_intent(key, str(request.query))
            for key, intent in reversed(self.intents.items())
            if intent.get("customer") == request.query["customer"]
        ]
        return Response(200, {"object": "list", "data": found, "has_more": False})

    def _charge_kept(self, form):
        method = self.methods.get(form["payment_method"])
        if method is None or not method["customer"] or method["customer"] != form["customer"]:
            return _error(400, "invalid_request_error", "resource_missing")
        assert (form["off_session"], form["confirm"]) == ("true", "true")
        intent = {
            "id": self._id("pi"),
            "object": "payment_intent",
            "amount": int(form["amount"]),
            "amount_received": 0,
            "currency": form["currency"],
            "customer": form["customer"],
            "payment_method": method["id"],
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": _metadata(form, "metadata"),
            "status": "requires_payment_method",
        }
        self.intents[intent["id"]] = intent
        if self.declines or method["card"]["last4"] == "0341":
            intent["last_payment_error"] = {"code": "card_declined", "message": "Your card was…"}
            error = {"type": "card_error", "code": "card_declined", "payment_intent": intent}
            return Response(402, {"error": {"message": "…", **error}})
        self._charge(None, intent)
        self.tell(*self.event("payment_intent.succeeded", intent))
        return Response(200, intent)

    def _detach(self, method_id):
        method = self.methods.get(method_id)
        if method is None or not method["customer"]:
            return _error(404 if method is None else 400, "invalid_request_error")
        method["customer"] = None
        return Response(200, method)

    def _expire(self, session):
        if session["status"] != "open":
            return _error(400, "invalid_request_error")
        session.update(status="expired", url=None)
        return Response(200, _shown(session))

    def _refund(self, form):
        intent = self.intents.get(form.get("payment_intent"))
        if intent is None or not intent["latest_charge"]:
            return _error(400, "invalid_request_error", "resource_missing")
        charge = self.charges[intent["latest_charge"]]
        left = charge["amount_captured"] - charge["amount_refunded"]
        amount = int(form.get("amount", left))
        if amount > left:
            return _error(400, "invalid_request_error", "charge_already_refunded")
        refund = {
            "id": self._id("re"),
            "object": "refund",
            "amount": amount,
            "charge": charge["id"],
            "currency": charge["currency"],
            "metadata": _metadata(form, "metadata"),
            "payment_intent": intent["id"],
            "status": self.refund_status,
        }
        self.refunds[refund["id"]] = refund
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
        self.tell(*self.event("charge.refunded", charge))
        return Response(200, refund)

    def _list(self, request):
        found = [
            refund
            for refund in self.refunds.values()
            if refund["payment_intent"] == request.query.get("payment_intent")
            and not self.hides_refunds
        ]
        return Response(200, {"object": "list", "data": found[::-1], "has_more": False})

    # --- Its page -----------------------------------------------------------------------------

    def _page(self, request, session_id):
        session = self.sessions.get(session_id)
        if session is None or session["status"] != "open":
            return Response(410, html="<h1>Esta sesión ya no está abierta</h1>", is_api=False)
        if request.method == "POST":
            self.pay(session_id, request.form["outcome"])
            if request.form["outcome"] != "decline":
                target = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session_id)
                return Response(303, location=target, is_api=False)
        buttons = "".join(
            f'<p><button name="outcome" value="{value}">{label}</button></p>'
            for value, label in _BUTTONS
        )
        name = session["_form"]["line_items[0][price_data][product_data][name]"]
        page = (
            '<!doctype html><html lang="es"><title>Stripe</title>'
            '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
            f"<h1>{escape(name)}</h1><p>{session['amount_total']}</p>"
            f'<form method="post">{buttons}</form>'
            f'<p><a href="{escape(session["cancel_url"])}">Volver</a></p></html>'
        )
        return Response(200, html=page, is_api=False)


def signed(
    body: bytes, *, sent_at: int | None = None, secret: str = WEBHOOK_SECRET
) -> tuple[dict, bytes]:
    """Give the headers and the body of a delivery that is sent now, or was sent then."""
    sent_at = int(time.time()) if sent_at is None else sent_at
    digest = hmac.new(secret.encode(), f"{sent_at}.".encode() + body, sha256).hexdigest()
    return {"Stripe-Signature": f"t={sent_at},v1={digest}"}, body


def _metadata(form: dict, prefix: str) -> dict:
    return {
        name[len(prefix) + 1 : -1]: value
        for name, value in form.items()
        if name.startswith(f"{prefix}[")
    }


def _shown(session: dict) -> dict:
    return {name: value for name, value in session.items() if not name.startswith("_")}


def _error(status: int, kind: str, code: str = "") -> Response:
    error = {"type": kind, "message": "…", **({"code": code} if code else {})}
    return Response(status, {"error": error})
