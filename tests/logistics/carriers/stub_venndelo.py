"""Venndelo on loopback, as the reference describes it: no test mode, and nothing done twice is one.

Faults of the way back are those of every stub; `lie` changes what it says of prices.
"""

import base64
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

from tests.orders.payments.stub import Request, Response, Stub

API_KEY = "5b1c6f0a-1111-4222-8333-0123456789ab"
SECRETS = {"api_key": API_KEY}
PDF = b"%PDF-1.4 guia\n%%EOF"
_FREIGHT, _CASH_RATE = 10_100, 0.021
_NEEDED = ("pickup_info", "billing_info", "shipping_info", "line_items", "payment_method_code")


class VenndeloStub(Stub):
    """Keeps orders, makes guides and labels in two steps, and bills a wallet."""

    def __init__(self):
        super().__init__()
        self.orders: dict[str, dict] = {}
        self.exceptions: dict[str, dict] = {}
        self.collection_points = [
            {
                "id": "cp-1",
                "name": "Punto Laureles",
                "address": "Calle 33 # 70-10",
                "city_code": "05001000",
                "city_name": "Medellín",
            }
        ]
        self.balance = 500_000
        # Towns without coverage, with eight digits.
        self.uncovered: set[str] = set()
        # How often a label is "being made" before it is there.
        self.label_takes = 1
        self.output = ""  # "URL" answers addresses, whatever was asked for.
        self.label_error = ""
        # Instead of the honest price: "text", "negative", "error" (inside a 200).
        self.lie = ""
        # What is added at the door to what was asked for, in pesos.
        self.greed = 0
        self.page_size = 0  # 0: as asked for.
        self._label_asked: dict[str, int] = {}

    def use_in(self, settings) -> None:
        """Send the adapter here instead of to Venndelo."""
        settings.CARRIER_ADDRESSES = {
            **settings.CARRIER_ADDRESSES,
            "venndelo": {"live": self.address},
        }

    # --- Its books ----------------------------------------------------------------------------

    def called(self, wanted: str) -> int:
        """Say how many requests there were, as "POST orders"."""
        method, _space, path = wanted.partition(" ")
        return self.heard.count((method, f"/v1/admin/{path}"))

    def advance(self, order_id: str, word: str, *, at: str = "2026-11-21T08:00:00Z") -> None:
        """Let the guide of an order, or an order without one, be in another state."""
        order = self.orders[order_id]
        for guide in order["shipments"]:
            guide.update(tracking_status=word, tracking_date=at)
        moved = {"TRANSIT": "SHIPPED", "IN-ORIGIN": "SHIPPED", "OUT-FOR-DELIVERY": "SHIPPED"}
        order["status"] = moved.get(word, word)

    def send_back(self, order_id: str, word: str, *, at: str = "2026-11-24T08:00:00Z") -> None:
        """Let a parcel come back with a guide of its own."""
        order = self.orders[order_id]
        order["shipments"] = [each for each in order["shipments"] if each["type"] != "RETURN"]
        order["shipments"].append(_guide(order_id, "RETURN", word, at))
        order["status"] = "RETURNED" if word == "DELIVERED" else "INCIDENT"

    def novelty(self, order_id: str, **fields) -> dict:
        """Let something keep an order from arriving."""
        novelty = {
            "id": f"ex-{len(self.exceptions) + 1}",
            "order_id": order_id,
            "tracking_number": f"568{order_id}",
            "code": "NADIE",
            "description": "No había quien recibiera",
            "created_at": _moment(),
            "notes": "",
            "status": "PENDING",
            "possible_replies": [
                {
                    "type_id": 1,
                    "description": "Volver a ofrecer",
                    "fields": [{"name": "delivery_date", "type": "text"}],
                },
                {"type_id": 2, "description": "Devolver al remitente", "fields": []},
            ],
            **fields,
        }
        self.exceptions[novelty["id"]] = novelty
        return novelty

    # --- Its answers --------------------------------------------------------------------------

    def answer(self, request: Request) -> Response:
        if request.path.startswith("/files/"):
            return Response(200, html=PDF.decode(), is_api=False)
        if request.headers.get("X-Venndelo-Api-Key") != API_KEY:
            return _error(401, "UNAUTHORIZED", "Invalid credentials")
        parts = [unquote(part) for part in request.path.split("/")[3:]]
        told = json.loads(request.body) if request.body else {}
        match request.method, parts:
            case "GET", ["check-auth"]:
                return Response(200, {"message": "ok"})
            case "GET", ["wallet", "get-wallet-balance"]:
                return Response(200, {"balance": self.balance, "detail": []})
            case "POST", ["orders", "quotation"]:
                return self._quote(told)
            case "POST", ["orders"]:
                return self._create(told)
            case "GET", ["orders"]:
                return self._page(list(self.orders.values()), request.query)
            case "GET", ["orders", order_id] if order_id in self.orders:
                return Response(200, self.orders[order_id])
            case "POST", ["orders", order_id, "cancel"] if order_id in self.orders:
                return self._cancel(self.orders[order_id])
            case "POST", ["shipping", "create-shipments"]:
                return self._make_guides(told["order_ids"])
            case "POST", ["shipping", "generate-labels"]:
                return self._labels(told)
            case "POST", ["shipping", "request-pickup"]:
                return self._pick_up(told["order_ids"])
            case "GET", ["shipping", "exceptions"]:
                return self._page(list(self.exceptions.values()), request.query)
            case "GET", ["shipping", "exceptions", one] if one in self.exceptions:
                return Response(200, self.exceptions[one])
            case "POST", ["shipping", "exceptions", one, "resolve"] if one in self.exceptions:
                return self._resolve(self.exceptions[one], told)
            case "POST", ["shipping", "collection-points-by-shipping-exception"]:
                return Response(200, {"items": self.collection_points})
        return _error(404, "NOT_FOUND", "Not found")

    def _quote(self, told):
        if told["shipping_info"]["city_code"] in self.uncovered:
            return _error(422, "CITY_NOT_COVERED", "La ciudad no tiene cobertura")
        total = self._freight(told)
        if self.lie == "error":
            return _error(200, "INTERNAL", "Algo salió mal")
        total = {"text": str(total), "negative": -total}.get(self.lie, total)
        return Response(200, {"assumed_shipping_total": 0, "quoted_shipping_total": total})

    def _freight(self, told):
        if told["payment_method_code"] != "COD":
            return _FREIGHT
        return round(_FREIGHT + _subtotal(told) * _CASH_RATE, 2)

    def _create(self, told):
        if any(name not in told for name in _NEEDED):
            return _error(422, "VALIDATION", "Field required")
        if any(len(told[name]["city_code"]) != 8 for name in ("pickup_info", "shipping_info")):
            return _error(422, "CITY_UNKNOWN", "La ciudad no existe")
        is_cash = told["payment_method_code"] == "COD"
        if is_cash and not all(line["unit_price"] for line in told["line_items"]):
            return _error(500, "INTERNAL", "float division by zero")
        if not is_cash and self.balance < _FREIGHT:
            return _error(422, "INSUFFICIENT_BALANCE", "Saldo insuficiente en la billetera")
        freight, is_free = (
            self._freight(told),
            all(line.get("free_shipping") for line in told["line_items"]),
        )
        order_id = str(9_700_001 + len(self.orders))
        self.orders[order_id] = {
            **told,
            "id": order_id,
            "pin": "4821",
            "status": "PENDING",
            "created_at": _moment(),
            "source": "API",
            "currency": "COP",
            "shipments": [],
            "subtotal": _subtotal(told),
            "shipping_total": 0 if is_free else freight,
            "assumed_shipping_total": freight if is_free else 0,
            "quoted_shipping_total": freight,
            "total": _subtotal(told) + (0 if is_free else freight) + self.greed,
        }
        self.balance -= 0 if is_cash else _FREIGHT
        return Response(201, {"items": [self.orders[order_id]]})

    def _cancel(self, order):
        if order["status"] not in ("PENDING", "READY", "PREPARING"):
            return _error(422, "ORDER_NOT_CANCELLABLE", "El pedido ya no se puede cancelar")
        order["status"] = "CANCELLED"
        return Response(200, {"message": "ok"})

    def _make_guides(self, order_ids):
        for order_id in order_ids:
            order = self.orders[order_id]
            order["shipments"].append(_guide(order_id, "OUTBOUND", "READY", _moment()))
            order["status"] = "READY"
        return Response(200, {"message": "ok"})

    def _labels(self, told):
        asked = told["order_ids"]
        if self.label_error:
            errors = [{"code": "LABEL", "message": self.label_error}]
            return self._unready("ERROR", asked, errors)
        for order_id in asked:
            self._label_asked[order_id] = self._label_asked.get(order_id, 0) + 1
            if self._label_asked[order_id] <= self.label_takes:
                return self._unready("PROCESSING", asked, [])
        output = self.output or told["output"]
        url = f"{self.address}/files/{asked[0]}.pdf"
        data = url if output == "URL" else base64.b64encode(PDF).decode()
        return Response(
            200, {"status": "SUCCESS", "order_ids": asked, "output": output, "data": data}
        )

    def _unready(self, status, asked, errors):
        items = [{"order_id": each, "status": status, "errors": errors} for each in asked]
        counts = {"items_processed": 0, "items_count": len(asked)}
        return Response(200, {"status": status, **counts, "items": items})

    def _pick_up(self, order_ids):
        ready = [each for each in order_ids if self.orders[each]["shipments"]]
        if not ready:
            return Response(200, {"pickups": []})
        visit = {"order_ids": ready, "pickup_location_id": "loc-1", "address": "Calle 13 # 20-30"}
        return Response(200, {"pickups": [visit]})

    def _resolve(self, novelty, told):
        if novelty["status"] not in ("PENDING", "ERROR", "REJECTED"):
            return _error(422, "ALREADY_REPLIED", "La novedad ya fue respondida")
        novelty.update(status="TRANSMITTING", reply=told)
        return Response(200, {"message": "ok"})

    def _page(self, rows, query):
        rows = [
            row
            for row in rows
            if query.get("created_min", "") <= row["created_at"] <= query.get("created_max", "9")
        ]
        size = self.page_size or int(query.get("page_size", 250))
        start = int(query.get("page_token") or 0)
        following = str(start + size) if start + size < len(rows) else ""
        return Response(
            200,
            {
                "curr_page_token": query.get("page_token", ""),
                "next_page_token": following,
                "page_item_count": len(rows[start : start + size]),
                "items": rows[start : start + size],
            },
        )


def _guide(order_id, kind, word, at):
    return {
        "tracking_number": f"{'569' if kind == 'RETURN' else '568'}{order_id}",
        "carrier_code": "COORDINADORA",
        "carrier_name": "Coordinadora",
        "type": kind,
        "tracking_status": word,
        "tracking_date": at,
        "delivery_date": "",
    }


def _subtotal(told):
    return sum(line["unit_price"] * line["quantity"] for line in told["line_items"])


def _moment(ago=timedelta()):
    return (datetime.now(UTC) - ago).strftime("%Y-%m-%dT%H:%M:%SZ")


def _error(status, code, message):
    return Response(status, {"errors": [{"code": code, "message": message}]})
