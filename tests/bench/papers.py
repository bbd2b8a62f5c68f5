"""Labels of many shipments in one file, beside bare pages with a barcode.

Drawn in a process of its own (`python -m tests.bench.papers PAPER`), so that its memory is seen.
"""

import io
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import django

django.setup()

from django.core.files.base import ContentFile  # noqa: E402
from django.core.files.storage import storages  # noqa: E402
from reportlab.graphics.barcode.code128 import Code128  # noqa: E402
from reportlab.lib.units import mm  # noqa: E402
from reportlab.pdfgen.canvas import Canvas  # noqa: E402

from logistics import documents  # noqa: E402
from logistics.models import Parcel, Shipment  # noqa: E402
from shop.models import Organization  # noqa: E402

LABELS = 500
# One in so many is a page that its carrier sent.
_CARRIERS_OWN = 5
_FILE = "bench/label.pdf"
_PLACE = {"municipality": "Medellín", "department": "Antioquia", "phone": "+573001234567"}


def measure(record: Callable, pair: Callable) -> None:
    """Record time and memory of so many labels on each paper, and of bare pages."""
    for paper in ("10x15", "letter"):
        told = subprocess.run(
            [sys.executable, "-m", "tests.bench.papers", paper],
            capture_output=True,
            check=True,
            text=True,
        )
        found = json.loads(told.stdout.splitlines()[-1])
        name = f"{LABELS} labels in one file, {paper}"
        ratio = found["seconds"] / found["bare"]
        compared = pair(rate=found["seconds"], limit=found["bare"], ratio=ratio)
        record(f"{name}, beside bare pages", compared, "s", at_most=20)
        record(name, found["seconds"], "s", at_most=20)
        record(f"{name}, memory", found["megabytes"], "MB", at_most=300)


def _shipments() -> list[Shipment]:
    organization = Organization(name="Kaiu", language="es")
    made = []
    for number in range(LABELS):
        shipment = Shipment(
            organization=organization,
            reference=str(number),
            code=f"{number}-1",
            carrier_name="Coordinadora",
            tracking_number=f"5680000{number:04}",
            sender=_PLACE | {"name": "Kaiu", "line": "Calle 13 # 20-30"},
            recipient=_PLACE | {"name": "María Fernanda Peña", "line": "Carrera 43A # 1-50"},
            notes="Dejar con el vigilante",
            cash_to_collect=5_490_000 if number % 3 else 0,
            label=_FILE if number % _CARRIERS_OWN == 0 else "",
        )
        box = Parcel(
            shipment=shipment,
            position=1,
            weight_grams=1250,
            length_cm=20,
            width_cm=12,
            height_cm=8,
        )
        shipment._prefetched_objects_cache = {"parcels": _All([box])}
        made.append(shipment)
    return made


class _All(list):
    """Rows as a prefetch leaves them."""

    def all(self):
        return self


def _bare_pages(count: int) -> bytes:
    """Draw pages with a barcode and ten lines, by the library alone."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(100 * mm, 150 * mm))
    for number in range(count):
        for line in range(10):
            canvas.drawString(5 * mm, (140 - 8 * line) * mm, f"Carrera 43A # 1-50 {number}")
        Code128(f"5680000{number:04}", barHeight=17 * mm).drawOn(canvas, 5 * mm, 5 * mm)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _timed(work: Callable) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    storages["private"].delete(_FILE)
    storages["private"].save(_FILE, ContentFile(_bare_pages(1)))
    rows = _shipments()
    seconds = _timed(lambda: documents.labels(rows, paper=sys.argv[1]))
    bare = _timed(lambda: _bare_pages(LABELS))
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "bare": bare, "megabytes": megabytes}))  # noqa: T201
