import csv
from pathlib import Path

from django.db import migrations

FILE = Path(__file__).resolve().parent.parent / "data" / "divipola.csv"


def load_places(apps, schema_editor):
    """Load the departments and municipalities of DIVIPOLA; running it again updates names."""
    Department = apps.get_model("shop", "Department")
    Municipality = apps.get_model("shop", "Municipality")
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    departments = {row["department_code"]: row["department"] for row in rows}
    Department.objects.bulk_create(
        [Department(code=code, name=name) for code, name in departments.items()],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name"],
    )
    Municipality.objects.bulk_create(
        [
            Municipality(
                code=row["municipality_code"],
                department_id=row["department_code"],
                name=row["municipality"],
            )
            for row in rows
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "department"],
    )


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]

    operations = [migrations.RunPython(load_places, migrations.RunPython.noop)]
