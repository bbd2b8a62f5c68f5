"""Municipalities as people call them: without accents, short, with or without the department."""

from dataclasses import dataclass
from operator import itemgetter

from config.lib.memory import Memory
from config.lib.text import without_accents, words

from .models import Department, Municipality

# The list changes with a release, not with a day.
_all = Memory(seconds=3600)
# "Bogotá, D.C." and "San Andrés y Providencia" are written in many ways.
_SILENT = {"de", "del", "la", "las", "los", "el", "y", "d", "c", "dc"}


@dataclass(frozen=True, slots=True)
class _Place:
    """A municipality with the telling words of its name and of its department."""

    municipality: Municipality
    name: list[str]
    department: list[str]
    # Every word behind a space: how words begin is then looked for in one text.
    text: str


def label(municipality: Municipality) -> str:
    """Give the name with its department, because names repeat: "Cali" becomes one of a kind."""
    return municipality.full_name


def find(typed: str, *, limit: int = 12) -> list[Municipality]:
    """Give the municipalities that a person may mean, the most likely first."""
    asked = telling(typed)
    if not asked:
        return []
    ranked = []
    for place in _beginning_with(asked):
        rank = _rank(asked, place.name, place.department)
        if rank is not None:
            # Of equals, the capital of a department is meant most often.
            code = place.municipality.code
            is_capital = code.endswith("001")
            ranked.append((rank, not is_capital, len(place.name), code, place.municipality))
    return [municipality for *_order, municipality in sorted(ranked, key=itemgetter(0, 1, 2, 3))][
        :limit
    ]


def departments() -> list[Department]:
    """Give every department, in the order of their names."""
    found = {one.department_id: one.department for one in _municipalities()}
    return sorted(found.values(), key=lambda department: without_accents(department.name))


def inside(department_code: str) -> list[Municipality]:
    """Give the municipalities of a department, in the order of their names."""
    found = [one for one in _municipalities() if one.department_id == department_code]
    return sorted(found, key=lambda municipality: without_accents(municipality.name))


def meant_inside(department_code: str, typed: str) -> Municipality | None:
    """Give the one municipality of a department that the text names in whole words, or None."""
    asked = telling(typed)
    inside = [place for place in _known() if place.municipality.department_id == department_code]
    for exact in (
        [place for place in inside if place.name == asked],
        [place for place in inside if place.name + place.department == asked],
        [
            place
            for place in inside
            if set(asked) <= {*place.name, *place.department} and set(asked) & set(place.name)
        ],
    ):
        if len(exact) == 1:
            return exact[0].municipality
    return None


def of_code(code: str) -> Municipality | None:
    """Give the municipality with this DANE code, or None."""
    return next((one for one in _municipalities() if one.code == code), None)


def meant(typed: str) -> Municipality | None:
    """Give the one municipality that the text names in whole words, or None."""
    asked = telling(typed)
    if not asked:
        return None
    whole = [
        place
        for place in _beginning_with(asked)
        if set(asked) <= {*place.name, *place.department} and set(asked) & set(place.name)
    ]
    # With its department beside it, or as the label says it, every word is accounted for.
    exact = [place for place in whole if asked == place.name + place.department]
    if len(exact) == 1:
        return exact[0].municipality
    return whole[0].municipality if len(whole) == 1 else None


def _beginning_with(asked: list[str]) -> list[_Place]:
    """Give the places of which some word begins with each of those asked for."""
    found = _known()
    for word in asked:
        beginning = f" {word}"
        found = [place for place in found if beginning in place.text]
    return found


def _rank(asked: list[str], name: list[str], department: list[str]) -> int | None:
    """Say how well the words fit: 0 is the name itself, None is not at all."""
    everything = name + department
    if not any(known.startswith(word) for word in asked for known in name):
        return None
    if asked in (name, everything):
        return 0
    if set(asked) <= set(name):
        return 1
    if set(asked) <= set(everything):
        return 2
    return 3 if name[0].startswith(asked[0]) else 4


def telling(text: str) -> list[str]:
    """Give the words of a name that tell it from others, without accents and small words."""
    spoken = words(text)
    return [word for word in spoken if word not in _SILENT] or spoken


def _known() -> list[_Place]:
    return _all.get("places", _read)


def _municipalities() -> list[Municipality]:
    return [place.municipality for place in _known()]


def _read(_key) -> list[_Place]:
    rows = Municipality.objects.select_related("department").order_by("code")
    return [_place(municipality) for municipality in rows]


def _place(municipality: Municipality) -> _Place:
    name = telling(municipality.name)
    department = telling(municipality.department.name)
    return _Place(municipality, name, department, " " + " ".join(name + department))
