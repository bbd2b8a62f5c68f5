"""Coordinadora on loopback: its two SOAP services, as the reference and client code know them."""

import hashlib
from base64 import b64encode
from html import escape
from xml.etree import ElementTree

from tests.orders.payments.stub import Request, Response, Stub

SECRETS = {
    "api_key": "ags-key-EJEMPLO",
    "api_password": "ags-clave-EJEMPLO",
    "password": "guias-clave-EJEMPLO",
}
SETTINGS = {"nit": "900123456", "div": "01", "client_id": "31724", "user": "tienda.ws"}
PDF = b"%PDF-1.4\nrotulo\n%%EOF\n"
TOWNS = ("11001000", "05001000", "76001000")
_GUIDE_KEY = hashlib.sha256(SECRETS["password"].encode()).hexdigest()
_LIES = {"text": "gratis", "negative": "-5000"}


class CoordinadoraStub(Stub):
    """Makes guides and remembers them; `lie` makes a price that cannot be."""

    def __init__(self):
        super().__init__()
        self.lie = ""
        self.guides: dict[str, dict] = {}
        # Everything that was sent to it, by operation, its values in one level.
        self.sent: list[tuple[str, dict]] = []
        # Whether a guide can be found by our reference at once.
        self.tells_references = True

    def use_in(self, settings) -> None:
        """Send the adapter here instead of to Coordinadora."""
        addresses = dict.fromkeys(("test", "live", "live_guides"), self.address)
        settings.CARRIER_ADDRESSES = {**settings.CARRIER_ADDRESSES, "coordinadora": addresses}

    def answer(self, request: Request) -> Response:
        operation, values = _read(request.body)
        self.heard.append((request.method, operation))
        self.sent.append((operation, values))
        is_guide = operation.startswith("Guias_")
        if ("guias" in request.path) != is_guide:
            return _fault(f"Function ({operation}) is not a valid method for this service")
        if not self._may(operation, values):
            return _fault("Error, usuario o clave incorrectos")
        return getattr(self, f"_{operation.partition('_')[2]}")(values)

    def move(self, number: str, word: str, day: str, hour: str) -> None:
        """Let a parcel get on, in Coordinadora's words."""
        self.guides[number]["states"].append((word, day, hour))

    def _may(self, operation: str, values: dict) -> bool:
        if operation == "Cotizador_ciudades":
            return True
        if operation.startswith("Guias_"):
            return values["usuario"] == SETTINGS["user"] and values["clave"] == _GUIDE_KEY
        keys = SECRETS["api_key"], SECRETS["api_password"]
        return (values["apikey"], values["clave"]) == keys

    # --- Its answers --------------------------------------------------------------------------

    def _cotizar(self, values: dict) -> Response:
        if self.lie == "error":
            wrong = {"error": "true", "errorMessage": "Error interno del cotizador"}
            return _result("Cotizador_cotizar", wrong)
        if values["destino"] not in TOWNS:
            return _fault("Error, la ciudad destino no existe")
        price = _LIES.get(self.lie, "11200.50")
        told = {"flete_fijo": "10000", "flete_total": price, "dias_entrega": "2"}
        return _result("Cotizador_cotizar", told)

    def _ciudades(self, _values: dict) -> Response:
        items = "".join(f"<item><codigo>{code}</codigo></item>" for code in TOWNS)
        return _result("Cotizador_ciudades", items)

    def _generarGuia(self, values: dict) -> Response:
        if values["ciudad_destinatario"] not in TOWNS:
            return _fault("Error, la ciudad destino no existe")
        number = f"9846213{len(self.guides) + 1:04d}"
        self.guides[number] = {"reference": values["referencia"], "states": [], "is_open": True}
        self.move(number, "A RECIBIR POR COORDINADORA", "2026-11-21", "08:00:00")
        told = {"codigo_remision": number, "pdf_guia": "", "url_terceros": ""}
        return _result("Guias_generarGuia", told, tag="return")

    def _imprimirRotulos(self, values: dict) -> Response:
        if values["item"] not in self.guides:
            wrong = {"error": "true", "errorMessage": "La guia no existe", "rotulos": ""}
            return _result("Guias_imprimirRotulos", wrong, tag="return")
        told = {"error": "false", "errorMessage": "", "rotulos": b64encode(PDF).decode()}
        return _result("Guias_imprimirRotulos", told, tag="return")

    def _anularGuia(self, values: dict) -> Response:
        guide = self.guides.get(values["codigo_remision"])
        if guide is None:
            return _fault("Error, la guia no existe")
        if not guide["is_open"]:
            return _fault("Error, la guia ya se encuentra anulada")
        guide["is_open"] = False
        return _result("Guias_anularGuia", "true", tag="return")

    def _detallado(self, values: dict) -> Response:
        by_reference = {guide["reference"]: number for number, guide in self.guides.items()}
        number = values["codigo_remision"]
        if not number and self.tells_references:
            number = by_reference.get(values["referencia"], "")
        guide = self.guides.get(number)
        if guide is None:
            return _fault("Error, no se encontro la guia")
        states = "".join(
            f"<item><codigo>6</codigo><descripcion>{escape(word)}</descripcion>"
            f"<fecha>{day}</fecha><hora>{hour}</hora></item>"
            for word, day, hour in guide["states"]
        )
        told = (
            f"<codigo_remision>{number}</codigo_remision>"
            f"<referencia>{guide['reference']}</referencia><estados>{states}</estados>"
        )
        return _result("Seguimiento_detallado", told)


def _read(body: bytes) -> tuple[str, dict]:
    operation = ElementTree.fromstring(body)[0][0]
    values = {one.tag: one.text or "" for one in operation.iter() if not len(one)}
    return operation.tag.rpartition("}")[2], values


def _result(operation: str, told: dict | str, *, tag: str = "") -> Response:
    inside = told
    if isinstance(told, dict):
        inside = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in told.items())
    tag = tag or f"{operation}Result"
    return _envelope(
        f'<ns1:{operation}Response xmlns:ns1="urn:coordinadora"><{tag}>{inside}</{tag}>'
        f"</ns1:{operation}Response>"
    )


def _fault(words: str) -> Response:
    return _envelope(
        "<SOAP-ENV:Fault><faultcode>SOAP-ENV:Server</faultcode>"
        f"<faultstring>{escape(words)}</faultstring></SOAP-ENV:Fault>",
        status=500,
    )


def _envelope(inside: str, *, status: int = 200) -> Response:
    response = Response(
        status,
        html='<?xml version="1.0" encoding="UTF-8"?>'
        '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/">'
        f"<SOAP-ENV:Body>{inside}</SOAP-ENV:Body></SOAP-ENV:Envelope>",
    )
    response.headers["Content-Type"] = "text/xml; charset=utf-8"
    return response
