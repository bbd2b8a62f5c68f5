"""Envia.com on loopback: rates, labels, tracking and visits as the reference describes them."""

import hashlib
import hmac
import json
from datetime import UTC, datetime

from tests.orders.payments.stub import Request, Response, Stub

KEY = "envia-test-EJEMPLO-0123456789"
WEBHOOK_SECRET = "envia-webhook-EJEMPLO"
SECRETS = {"api_key": KEY}
SETTINGS = {"carriers": "coordinadora, tcc"}
PDF = b"%PDF-1.4\nguia\n%%EOF\n"
# As the list for labels has them; the other list of Envia says CN and SN for the last two.
STATES = {
    "Antioquia": "AN",
    "Distrito Capital": "DC",
    "Cauca": "CA",
    "Valle del Cauca": "VC",
    "San Andrés y Providencia": "SA",
    "Cundinamarca": "CU",
    "Santander": "ST",
}
_PRICES = {"coordinadora": 10_100, "tcc": 12_345.67}
_LIES = {"text": "diez mil", "negative": -5_000}


class EnviaStub(Stub):
    """Sells labels and remembers them; `lie` makes a price that cannot be."""

    def __init__(self):
        super().__init__()
        self.lie = ""
        # Carriers that do not go where they are asked to go.
        self.uncovered: set[str] = set()
        # The carriers that are slow, broken or away while others answer.
        self.broken: set[str] = set()
        self.labels: dict[str, dict] = {}
        self.visits: list[dict] = []
        # Everything that was sent to it, by step: ("rate", body).
        self.sent: list[tuple[str, dict]] = []

    def use_in(self, settings) -> None:
        """Send the adapter here instead of to Envia."""
        names = ("test", "live", "test_queries", "live_queries")
        addresses = dict.fromkeys(names, self.address)
        settings.CARRIER_ADDRESSES = {**settings.CARRIER_ADDRESSES, "envia": addresses}

    def answer(self, request: Request) -> Response:
        self.heard.append((request.method, request.path))
        if request.path.startswith("/guias/"):
            return self._file(request)
        if request.key != KEY:
            return Response(401, {"meta": "error", "error": {"code": 401, "message": "Invalid"}})
        if request.path in ("/state", "/carrier", "/service"):
            return Response(200, {"data": self._known(request.path)})
        step = request.path.removeprefix("/ship/").strip("/")
        body = json.loads(request.body)
        self.sent.append((step, body))
        return getattr(self, f"_{step}")(body)

    def move(self, number: str, word: str, *, at: str, place: str = "") -> None:
        """Let a parcel get on, as its carrier says it."""
        entry = self.labels[number]
        entry["status"] = word
        entry["eventHistory"].append({"timestamp": at, "description": word, "location": place})

    def notice(self, number: str, *, event_id: str = "ev-1", secret: str = WEBHOOK_SECRET):
        """Give the headers and the body of a notice about a parcel."""
        body = json.dumps(
            {
                "type": "tracking.simple",
                "created_at": "2026-11-21T15:00:00Z",
                "data": {"shipment_id": 77, "tracking_number": number, "status": "Delivered"},
            }
        ).encode()
        moment = str(int(datetime(2026, 11, 21, 15, tzinfo=UTC).timestamp()))
        signed = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256)
        return {
            "X-Webhook-Signature": f"v1={signed.hexdigest()}",
            "X-Webhook-Timestamp": moment,
            "X-Webhook-Id": event_id,
        }, body

    # --- Its answers --------------------------------------------------------------------------

    def _known(self, path: str) -> list[dict]:
        if path == "/state":
            return [
                {"name": name, "country_code": "CO", "code_2_digits": code}
                for name, code in STATES.items()
            ]
        if path == "/carrier":
            return [{"name": name} for name in ("coordinadora", "interRapidisimo", "tcc")]
        return [
            {"carrier_name": "coordinadora", "name": "ground", "cash_on_delivery": 1},
            {"carrier_name": "tcc", "name": "ground", "cash_on_delivery": 0},
        ]

    def _rate(self, body: dict) -> Response:
        carrier = body["shipment"]["carrier"]
        if carrier in self.broken:
            return Response(500, {"meta": "error"})
        if self.lie == "error":
            return _no(1300, "Something went wrong")
        if not _are_codes(body) or carrier in self.uncovered:
            # A name in place of a code, and a town too far, look alike.
            return _no(1103, f"No coverage for {body['destination']['city']}")
        rate = {
            "carrier": carrier,
            "service": "ground",
            "serviceDescription": "Terrestre",
            "deliveryEstimate": "Día siguiente" if carrier == "tcc" else "1-2 días",
            "totalPrice": _LIES.get(self.lie, _PRICES[carrier]),
            "currency": "COP",
        }
        return Response(200, {"meta": "rate", "data": [rate]})

    def _generate(self, body: dict) -> Response:
        if not _are_codes(body):
            return _no(1103, "Invalid city")
        number = f"5680000{len(self.labels) + 1:04d}"
        self.labels[number] = {
            "trackingNumber": number,
            "carrier": body["shipment"]["carrier"],
            "status": "Created",
            "trackUrl": f"https://envia.com/rastreo?label={number}",
            "estimatedDelivery": "2026-11-24 18:00:00",
            "eventHistory": [],
        }
        made = {
            **{key: self.labels[number][key] for key in ("carrier", "trackingNumber", "trackUrl")},
            "service": body["shipment"]["service"],
            "label": f"{self.address}/guias/{number}.pdf",
            "totalPrice": _PRICES[body["shipment"]["carrier"]],
            "currentBalance": 500_000,
            "currency": "COP",
        }
        return Response(200, {"meta": "generate", "data": [made]})

    def _generaltrack(self, body: dict) -> Response:
        found = [self.labels[one] for one in body["trackingNumbers"] if one in self.labels]
        if not found:
            return _no(1125, "No shipments found for the tracking numbers")
        return Response(200, {"meta": "generaltrack", "data": found})

    def _cancel(self, body: dict) -> Response:
        label = self.labels.get(body["trackingNumber"])
        if label is None or label["carrier"] != body["carrier"]:
            return _no(1116, "Shipment not found")
        if label["status"] == "Canceled":
            return _no(1115, "Shipment is already canceled")
        label["status"] = "Canceled"
        return Response(200, {"meta": "cancel", "data": [{"carrier": body["carrier"]}]})

    def _pickup(self, body: dict) -> Response:
        self.visits.append(body)
        made = {"confirmation": f"REC-{len(self.visits)}", "totalPrice": 3_000, "currency": "COP"}
        return Response(200, {"meta": "pickup", "data": made})

    def _file(self, request: Request) -> Response:
        # The key of the account is for Envia, not for whoever keeps its files.
        if request.headers.get("Authorization"):
            return Response(400)
        response = Response(200)
        response.body = PDF
        response.headers["Content-Type"] = "application/pdf"
        return response


def _are_codes(body: dict) -> bool:
    return all(
        len(end["city"]) == 8 and end["city"].isdigit() and end["state"] in STATES.values()
        for end in (body["origin"], body["destination"])
    )


def _no(code: int, message: str) -> Response:
    return Response(200, {"meta": "error", "error": {"code": code, "message": message}})
