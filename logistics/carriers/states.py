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
    "practice": {state.value: state for state in State},
}


def state_of(carrier: str, word: str) -> State | None:
    """Give our state for a carrier's word, or None for one that we do not know."""
    return _TABLE.get(carrier, {}).get(_folded(word))


def _folded(word: str) -> str:
    return " ".join(words(word))


_TABLE = {
    carrier: {_folded(word): state for word, state in known.items()}
    for carrier, known in _WORDS.items()
}
