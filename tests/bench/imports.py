"""A catalogue of 50,000 rows brought into a shop, and the same file once more: time and memory.

Each is the command as a merchant's operator gives it, in a process of its own.
"""

import csv
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PRODUCTS = 10_000
VARIANTS = 5
_SLUG = "bench-imports"
_PLANTS = "lavanda romero menta naranja limón rosa cedro coco argán jojoba canela mirra".split()  # noqa: SIM905
_WORDS = "suave natural hecho mano campo piel aroma calma fresco puro aceite flor hoja".split()  # noqa: SIM905
_HEADINGS = [
    "Dirección web",
    "Nombre",
    "Categoría",
    "Resumen",
    "Descripción",
    "Beneficios",
    "Opción 1",
    "Valor 1",
    "SKU",
    "Precio",
    "Precio antes",
    "IVA",
    "Existencias",
    "Peso (g)",
    "Largo (cm)",
    "Ancho (cm)",
    "Alto (cm)",
]


def measure(record: Callable, *, folder: Path) -> None:
    """Record how long both imports take, and the most memory that either of them held."""
    file = folder / "catalogue.csv"
    write(file)
    first = _in_child(file, "--empty")
    again = _in_child(file)
    file.unlink()
    assert first["told"].startswith(f"{PRODUCTS} added"), first["told"]
    assert f" {PRODUCTS} unchanged" in again["told"], again["told"]
    rows = PRODUCTS * VARIANTS
    record(f"import of {rows} rows", first["seconds"], "s", at_most=120)
    record(f"import of {rows} rows, memory", first["megabytes"], "MB", at_most=500)
    record(f"import of the same {rows} rows again", again["seconds"], "s", at_most=40)
    record("the same again, memory", again["megabytes"], "MB", at_most=500)


def write(file: Path) -> None:
    """Write a catalogue as a merchant would have it."""
    chance = random.Random(5)
    with file.open("w", newline="", encoding="utf-8") as text:
        writer = csv.writer(text)
        writer.writerow(_HEADINGS)
        for number in range(PRODUCTS):
            for place, row in enumerate(_rows(number, chance)):
                writer.writerow(row if place == 0 else [row[0], row[1], *[""] * 4, *row[6:]])


def _rows(number: int, chance: random.Random):
    plant = chance.choice(_PLANTS)
    name = f"Aceite de {plant} {chance.choice(_WORDS)} {number}"
    text = " ".join(chance.choices(_PLANTS + _WORDS, k=60))
    description = f"<p>{text}</p><ul><li><b>{plant}</b></li><li>puro</li></ul>"
    category = f"Sección {number % 8} > Grupo {number % 40}"
    for place in range(VARIANTS):
        yield [
            f"aceite-{number}",
            name,
            category,
            f"Para todos los días, con {plant}.",
            description,
            "Calmante, Hidratante",
            "Tamaño",
            f"{(place + 1) * 10} ml",
            f"ACE-{number}-{place}",
            f"{chance.randrange(9, 200)}.900",
            "" if place else "250.000",
            "19",
            chance.randrange(0, 200),
            (place + 1) * 40,
            5,
            5,
            10,
        ]


def _in_child(file: Path, *options: str) -> dict:
    command = [sys.executable, "-m", "tests.bench.imports", str(file), *options]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.bench.settings"}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def _main(file: str, *options: str) -> None:
    # Only the child is Django's: the parent has it set up already.
    import io

    import django

    django.setup()
    from django.core.management import call_command

    organization = _organization(is_empty="--empty" in options)
    told = io.StringIO()
    begun = time.perf_counter()
    call_command("import_products", file, organization=organization, stdout=told)
    seconds = time.perf_counter() - begun
    print(  # noqa: T201
        json.dumps(
            {
                "seconds": seconds,
                "cpu": time.process_time(),
                "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "told": told.getvalue().splitlines()[-1],
            }
        )
    )


def _organization(*, is_empty: bool) -> str:
    """Give the shop to import into, without a product when asked for."""
    from django_scopes import scope

    from shop.models import Organization, Product, StockMovement

    organization, _made = Organization.objects.get_or_create(slug=_SLUG, name="Tienda que importa")
    if is_empty:
        with scope(organization=organization):
            StockMovement.objects.filter(variant__organization=organization).delete()
            Product.objects.all().delete()
            organization.product_imports.all().delete()
    return organization.slug


if __name__ == "__main__":
    _main(*sys.argv[1:])
