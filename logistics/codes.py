"""What stands below a barcode, and which shipment it means."""

import re
from collections.abc import Sequence

from .models import Parcel, Shipment

# Code128 prints these; a number with anything else is printed as our own code.
_PRINTED = re.compile(r"[ -~]{1,40}")
# The end of the code of one box among several: 1024-1.2
_BOX = re.compile(r"(.+)\.(\d{1,3})")


def of_box(shipment: Shipment, parcel: Parcel, boxes: Sequence[Parcel]) -> str:
    """Give our own code of a box: the shipment's, with the number of the box among several."""
    return f"{shipment.code}.{parcel.position}" if len(boxes) > 1 else shipment.code


def printed(shipment: Shipment, parcel: Parcel, boxes: Sequence[Parcel]) -> str:
    """Give what the barcode holds: the carrier's number, which its people scan, or our own code."""
    if len(boxes) == 1 and _PRINTED.fullmatch(shipment.tracking_number):
        return shipment.tracking_number
    return of_box(shipment, parcel, boxes)


def read(scanned: str) -> tuple[str, int | None]:
    """Give the code of the shipment and the number of the box that a scanned text names."""
    text = " ".join(scanned.split())
    found = _BOX.fullmatch(text)
    return (found[1], int(found[2])) if found else (text, None)
