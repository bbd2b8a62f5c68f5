"""Where a rate holds, as people write it: a department, a municipality, or everywhere."""

from django.utils.translation import gettext as _

from config.lib.errors import DomainError
from config.lib.memory import Memory
from config.lib.text import words
from shop import places
from shop.models import Department, Municipality

# The list changes with a release, not with a day.
_departments = Memory(seconds=3600)
_MOST_SUGGESTED = 4


class UnknownPlace(DomainError):
    code = "unknown_place"


def label(department: Department | None, municipality: Municipality | None) -> str:
    """Write a place so that meant() reads it back; nothing for everywhere."""
    if municipality is not None:
        # Also where both have one name: "Arauca" alone means the department.
        return f"{municipality.name}, {municipality.department.name}"
    return department.name if department is not None else ""


def meant(typed: str) -> tuple[Department | None, Municipality | None]:
    """Give the department or the municipality that the text names; neither for an empty one."""
    if not typed.strip():
        return None, None
    asked = words(typed)
    for department in _all_departments():
        # A name of both, such as Caldas, means the department: the other needs its own beside it.
        if words(department.name) == asked:
            return department, None
    municipality = places.meant(typed)
    if municipality is None:
        raise UnknownPlace(_unclear(typed))
    return None, municipality


def _unclear(typed: str) -> str:
    """Say which places the text may mean."""
    asked = set(words(typed))
    near = [row.name for row in _all_departments() if asked and asked <= set(words(row.name))]
    near += [label(None, row) for row in places.find(typed, limit=_MOST_SUGGESTED)]
    if not near:
        return _("No department or municipality has this name.")
    return _("Which one is it? %(places)s") % {"places": " · ".join(near[:_MOST_SUGGESTED])}


def suggestions() -> list[str]:
    """Give every name that a rate may be written with: departments, then their municipalities."""
    return _departments.get("suggestions", _read_suggestions)


def _read_suggestions(_key) -> list[str]:
    municipalities = Municipality.objects.select_related("department").order_by("name", "code")
    return [
        *(department.name for department in _all_departments()),
        *(label(None, municipality) for municipality in municipalities),
    ]


def _all_departments() -> list[Department]:
    return _departments.get("departments", lambda _key: list(Department.objects.all()))
