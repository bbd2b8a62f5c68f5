"""What each carrier's words mean: the one table (carriers.md §2.5, §4, §8).

A word that is not here is kept and shown as it came, flagged, and changes no state.
"""

from config.lib.text import words

from ..models.shipments import State

# By carrier; words are compared without case, accents and punctuation.
_WORDS = {
    "venndelo": {
        "PENDING": State.CREATED,
        "READY": State.LABEL_READY,
        "PREPARING": State.LABEL_READY,
        "IN-ORIGIN": State.PICKED_UP,
        "TRANSIT": State.IN_TRANSIT,
        "SHIPPED": State.IN_TRANSIT,
        "IN-DESTINATION": State.IN_TRANSIT,
        "OUT-FOR-DELIVERY": State.OUT_FOR_DELIVERY,
        "DELIVERED": State.DELIVERED,
        "INCIDENT": State.INCIDENT,
        "RETURN": State.RETURNING,
        "RETURNED": State.RETURNED,
        "CANCELLED": State.CANCELLED,
        # Of the guide with which a parcel comes back (type RETURN).
        "RETURN PENDING": State.RETURNING,
        "RETURN READY": State.RETURNING,
        "RETURN IN-ORIGIN": State.RETURNING,
        "RETURN TRANSIT": State.RETURNING,
        "RETURN IN-DESTINATION": State.RETURNING,
        "RETURN OUT-FOR-DELIVERY": State.RETURNING,
        "RETURN INCIDENT": State.RETURNING,
        "RETURN RETURN": State.RETURNING,
        "RETURN DELIVERED": State.RETURNED,
    },
    # Which words Envia uses is in no source: those of its panel and of the carriers behind it, in
    # both languages it answers in (inferred).
    "envia": {
        "Created": State.LABEL_READY,
        "Creado": State.LABEL_READY,
        "Guía generada": State.LABEL_READY,
        "Pending": State.LABEL_READY,
        "Pickup scheduled": State.LABEL_READY,
        "Picked up": State.PICKED_UP,
        "Pickup": State.PICKED_UP,
        "Recolectado": State.PICKED_UP,
        "Shipped": State.IN_TRANSIT,
        "In transit": State.IN_TRANSIT,
        "En tránsito": State.IN_TRANSIT,
        "Delayed": State.IN_TRANSIT,
        "Retrasado": State.IN_TRANSIT,
        "Out for delivery": State.OUT_FOR_DELIVERY,
        "En reparto": State.OUT_FOR_DELIVERY,
        "En ruta de entrega": State.OUT_FOR_DELIVERY,
        "Delivered": State.DELIVERED,
        "Entregado": State.DELIVERED,
        "Delivery attempt": State.INCIDENT,
        "Intento de entrega": State.INCIDENT,
        "Address error": State.INCIDENT,
        "Exception": State.INCIDENT,
        "Excepción": State.INCIDENT,
        "Undeliverable": State.INCIDENT,
        "Lost": State.INCIDENT,
        "Damaged": State.INCIDENT,
        "Rejected": State.INCIDENT,
        "Rechazado": State.INCIDENT,
        "Return in transit": State.RETURNING,
        "En devolución": State.RETURNING,
        "Returned": State.RETURNED,
        "Delivered at origin": State.RETURNED,
        "Devuelto": State.RETURNED,
        "Canceled": State.CANCELLED,
        "Cancelled": State.CANCELLED,
        "Cancelado": State.CANCELLED,
    },
    # Its numbers are in no source, and its words in none that is complete (inferred).
    "coordinadora": {
        "A recibir por Coordinadora": State.LABEL_READY,
        "Guía generada": State.LABEL_READY,
        "Recogida": State.PICKED_UP,
        "Recogido": State.PICKED_UP,
        "En terminal origen": State.PICKED_UP,
        "En transporte": State.IN_TRANSIT,
        "En tránsito": State.IN_TRANSIT,
        "En terminal destino": State.IN_TRANSIT,
        "En centro de distribución": State.IN_TRANSIT,
        "En reparto": State.OUT_FOR_DELIVERY,
        "Entregada": State.DELIVERED,
        "Entregado": State.DELIVERED,
        "Novedad": State.INCIDENT,
        "Con novedad": State.INCIDENT,
        "En novedad": State.INCIDENT,
        "No entregada": State.INCIDENT,
        "En devolución": State.RETURNING,
        "En proceso de devolución": State.RETURNING,
        "Devuelta": State.RETURNED,
        "Devuelta a remitente": State.RETURNED,
        "Anulada": State.CANCELLED,
        "Anulado": State.CANCELLED,
    },
    "practice": {state.value: state for state in State},
}


def state_of(carrier: str, word: str) -> State | None:
    """Give our state for a carrier's word, or None for one that we do not know."""
    return _TABLE.get(carrier, {}).get(_folded(word))


def table() -> list[tuple[str, list[tuple[str, State]]]]:
    """Give the words of each carrier as they come, with what we make of them."""
    return [(carrier, list(known.items())) for carrier, known in _WORDS.items()]


def _folded(word: str) -> str:
    return " ".join(words(word))


_TABLE = {
    carrier: {_folded(word): state for word, state in known.items()}
    for carrier, known in _WORDS.items()
}
