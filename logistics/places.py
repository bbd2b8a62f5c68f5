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


# How files say that a rate holds wherever no other of its table does.
EVERYWHERE = ("Todo el país", "Whole country")
_EVERYWHERE = {
    *(" ".join(words(name)) for name in EVERYWHERE),
    *("colombia", "nacional", "resto del pais", "resto", "everywhere", "all", "rest", "todos"),
}


def written(
    *, code: str, department: str, municipality: str
) -> tuple[Department | None, Municipality | None]:
    """Give the place that a row of a file means by a DANE code, by names, or by both.

    Unlike a form, a file says in words that it means everywhere: a cell may be empty by accident.
    """
    if not code and municipality.isdecimal():
        code, municipality = municipality, ""
    if not code and department.isdecimal() and not municipality:
        code, department = department, ""
    if not code:
        return _of_names(department, municipality)
    coded = _of_code(code)
    if _contradicts(coded, department, municipality):
        names = ", ".join(filter(None, (municipality, department)))
        raise UnknownPlace(
            _("The code %(code)s is %(place)s, and this row says %(names)s.")
            % {"code": code, "place": label(*coded), "names": names}
        )
    return coded


def _of_code(code: str) -> tuple[Department | None, Municipality | None]:
    """Give the place of a DANE code, whose zeros spreadsheets lose; of eight digits, the town."""
    digits = code.removesuffix(".0")
    if digits.isascii() and digits.isdecimal():
        if len(digits) <= 2:
            for row in _all_departments():
                if row.code == digits.zfill(2):
                    return row, None
        elif len(digits) in (7, 8) and digits.endswith("000"):
            digits = digits[:-3]
        municipality = places.of_code(digits.zfill(5)) if len(digits) in (4, 5) else None
        if municipality is not None:
            return None, municipality
    raise UnknownPlace(_("No department or municipality has the code %(code)s.") % {"code": code})


def _of_names(department: str, municipality: str) -> tuple[Department | None, Municipality | None]:
    only = municipality or department
    if not only:
        raise UnknownPlace(
            _("Say where: a department, a municipality, or «%(everywhere)s».")
            % {"everywhere": _("Whole country")}
        )
    if not (department and municipality):
        if " ".join(words(only)) in _EVERYWHERE:
            return None, None
        return (_department(department), None) if department else meant(municipality)
    inside = _department(department)
    found = places.meant_inside(inside.code, municipality)
    if found is None:
        raise UnknownPlace(
            _("%(department)s has no municipality with the name %(name)s.")
            % {"department": inside.name, "name": municipality}
        )
    return None, found


def _department(typed: str) -> Department:
    """Give the department of this name, or of a part of it that no other has."""
    asked = places.telling(typed)
    known = [(row, places.telling(row.name)) for row in _all_departments()]
    for fitting in (
        [row for row, name in known if name == asked],
        [row for row, name in known if asked and set(asked) <= set(name)],
    ):
        if len(fitting) == 1:
            return fitting[0]
    raise UnknownPlace(_unclear(typed))


def _contradicts(coded: tuple, department: str, municipality: str) -> bool:
    """Say whether the names beside a code mean another place; people may write them in short."""
    own_department, own = coded
    if own is None:
        is_both = bool(department and municipality)
        return is_both or _is_other(department or municipality, own_department.name)
    return _is_other(municipality, own.name) or _is_other(department, own.department.name)


def _is_other(typed: str, name: str) -> bool:
    asked, own = places.telling(typed), places.telling(name)
    return bool(asked) and asked != own and not set(asked) & set(own)


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
