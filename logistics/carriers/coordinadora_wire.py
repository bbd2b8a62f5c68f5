"""What is sent to Coordinadora and what comes back, field by field."""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from math import ceil
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from .. import addresses
from ..models import CarrierAccount, Shipment
from . import soap
from .amounts import pesos
from .base import Box, Carrier, News, Place, Tracked
from .soap import Service
from .states import state_of

# The services of quotes and news, and of guides.
KINDS = ("ags", "guides")
_PATHS = {
    ("ags", False): "/ags/1.5/server.php",
    ("ags", True): "/ags/1.5/server.php",
    ("guides", False): "/agw/ws/guias/1.6/server.php",
    ("guides", True): "/ws/guias/1.6/server.php",
}
# Under which name the operations are known: the documented address itself (inferred).
_NAMESPACES = {
    ("ags", False): "https://sandbox.coordinadora.com/ags/1.5/server.php",
    ("ags", True): "https://ws.coordinadora.com/ags/1.5/server.php",
    ("guides", False): "https://sandbox.coordinadora.com/agw/ws/guias/1.6/server.php",
    ("guides", True): "http://guias.coordinadora.com/ws/guias/1.6/server.php",
}
_ZONE = ZoneInfo("America/Bogota")
_SMALL = Box(1_000, 10, 10, 10)
_IN_CASH = 1


def address_of(account: CarrierAccount, kind: str) -> str:
    """Give where a service answers."""
    known = settings.CARRIER_ADDRESSES["coordinadora"]
    mode = "live" if account.is_live else "test"
    host = known.get(f"{mode}_guides", known[mode]) if kind == "guides" else known[mode]
    return f"{host}{_PATHS[kind, account.is_live]}"


def service_of(account: CarrierAccount, operation: str) -> Service:
    """Give the service that an operation belongs to."""
    kind = "guides" if operation.startswith("Guias_") else "ags"
    return Service("Coordinadora", address_of(account, kind), _NAMESPACES[kind, account.is_live])


def quote(
    carrier: Carrier,
    account: CarrierAccount,
    origin: Place,
    destination: Place,
    *,
    boxes: Sequence[Box] | None,
    value: int,
) -> dict:
    """Give what asks for a price."""
    return {
        "nit": carrier.value(account, "nit"),
        "div": carrier.value(account, "div"),
        "cuenta": carrier.value(account, "account"),
        "producto": 0,
        "origen": origin.carrier_code,
        "destino": destination.carrier_code,
        "valoracion": pesos(value),
        "nivel_servicio": {"item": [carrier.value(account, "level")]},
        "detalle": {"item": [_item(box) for box in boxes or [_SMALL]]},
        **_keys(carrier, account),
    }


def guide(carrier: Carrier, shipment: Shipment) -> dict:
    """Give what makes a guide."""
    account = shipment.account
    sender, recipient = addresses.sender(shipment), addresses.recipient(shipment)
    names = dict.fromkeys(str(one.get("name") or "") for one in shipment.contents)
    boxes = [
        Box(one.weight_grams, one.length_cm, one.width_cm, one.height_cm)
        for one in shipment.parcels.all()
    ]
    return {
        "codigo_remision": "",
        "fecha": "",
        "id_cliente": carrier.value(account, "client_id"),
        "id_remitente": 0,
        "nit_remitente": carrier.value(account, "nit"),
        "nombre_remitente": line(sender.name, 60),
        "direccion_remitente": line(sender.one_line, 120),
        "telefono_remitente": sender.local_phone,
        "ciudad_remitente": sender.place.carrier_code,
        "nit_destinatario": recipient.document_number or "0",
        "div_destinatario": "",
        "nombre_destinatario": line(recipient.name, 60),
        "direccion_destinatario": line(recipient.one_line, 120),
        "ciudad_destinatario": recipient.place.carrier_code,
        "telefono_destinatario": recipient.local_phone,
        "valor_declarado": pesos(shipment.declared_value),
        "codigo_cuenta": carrier.value(account, "account"),
        "codigo_producto": 0,
        "nivel_servicio": shipment.service or carrier.value(account, "level"),
        "linea": "",
        "contenido": line(", ".join(filter(None, names)), 60) or _("Goods"),
        "referencia": shipment.code,
        "observaciones": line(shipment.notes or recipient.notes, 100),
        "estado": "IMPRESO",
        "detalle": {"item": [_item(box) for box in boxes]},
        "cuenta_contable": "",
        "centro_costos": "",
        "recaudos": _cash(shipment),
        "margen_izquierdo": 0,
        "margen_superior": 0,
        "id_rotulo": carrier.value(account, "label_format"),
        "usuario_vmi": "",
        "formato_impresion": "",
        "atributo1_nombre": "",
        "atributo1_valor": "",
        "notificaciones": "",
        "atributos_retorno": dict.fromkeys(
            ("nit", "div", "nombre", "direccion", "codigo_ciudad", "telefono"), ""
        ),
        "nro_doc_radicados": "",
        "nro_sobre": "",
        **_user(carrier, account),
    }


def labels(carrier: Carrier, account: CarrierAccount, numbers: Sequence[str]) -> dict:
    """Give what asks for the labels of guides."""
    return {
        "id_rotulo": carrier.value(account, "label_format"),
        "codigos_remisiones": {"item": list(numbers)},
        **_user(carrier, account),
    }


def cancellation(carrier: Carrier, account: CarrierAccount, number: str) -> dict:
    """Give what takes a guide back."""
    return {"codigo_remision": number, **_user(carrier, account)}


def news(carrier: Carrier, account: CarrierAccount, *, number: str, reference: str) -> dict:
    """Give what asks for the news of one guide."""
    return {
        "codigo_remision": number,
        "nit": carrier.value(account, "nit"),
        "div": carrier.value(account, "div"),
        "referencia": reference,
        "imagen": 0,
        "anexo": 0,
        **_keys(carrier, account),
    }


def tracked(told) -> Tracked:
    """Read the states of a guide, by what they are called: its numbers are in no source."""
    found = []
    for states in soap.children(told, "estados"):
        for entry in states:
            word = line(soap.text(entry, "descripcion"), 120)
            at = _moment(soap.text(entry, "fecha"), soap.text(entry, "hora"))
            if word and at is not None:
                found.append(News(raw_state=word, state=state_of("coordinadora", word), at=at))
    return Tracked(news=tuple(sorted(found, key=lambda one: one.at)))


def line(text: object, longest: int) -> str:
    """Give a text on one line and no longer than this."""
    return " ".join(str(text or "").split())[:longest].strip()


def _item(box: Box) -> dict:
    return {
        "ubl": 0,
        "alto": box.height_cm,
        "ancho": box.width_cm,
        "largo": box.length_cm,
        # At least a kilo: client code says that less is not taken.
        "peso": max(1, ceil(box.weight_grams / 10) / 100),
        "unidades": 1,
    }


def _cash(shipment: Shipment) -> dict | str:
    if not shipment.cash_to_collect:
        return ""
    return {
        "item": [
            {
                "referencia": shipment.code,
                "valor": pesos(shipment.cash_to_collect),
                # Prices hold their tax; what it is of the whole is the invoice's matter (inferred).
                "valor_base_iva": 0,
                "valor_iva": 0,
                "forma_pago": _IN_CASH,
            }
        ]
    }


def _keys(carrier: Carrier, account: CarrierAccount) -> dict:
    return {
        "apikey": carrier.value(account, "api_key"),
        "clave": carrier.value(account, "api_password"),
    }


def _user(carrier: Carrier, account: CarrierAccount) -> dict:
    password = str(carrier.value(account, "password"))
    return {
        "usuario": carrier.value(account, "user"),
        "clave": hashlib.sha256(password.encode()).hexdigest(),
    }


def _moment(day: str, hour: str) -> datetime | None:
    """Read "2026-11-21" or "21/11/2026", and "14:05" with or without seconds (forms inferred)."""
    turned = re.fullmatch(r"(\d{2})[/-](\d{2})[/-](\d{4})", day.strip())
    day = f"{turned[3]}-{turned[2]}-{turned[1]}" if turned else day.strip()[:10]
    try:
        return datetime.fromisoformat(f"{day}T{hour.strip()[:8] or '00:00'}").replace(tzinfo=_ZONE)
    except ValueError:
        return None
