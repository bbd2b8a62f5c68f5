"""What the demo keeps beside its rows."""

from pathlib import Path

from django.conf import settings
from django.core.files.storage import storages


def files() -> set[Path]:
    return {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


def proofs(organization) -> set[Path]:
    folder = Path(storages["private"].location, "proofs", str(organization.pk))
    return {path for path in folder.rglob("*") if path.is_file()}
