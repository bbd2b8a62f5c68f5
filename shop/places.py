"""Municipalities as people call them: without accents, short, with or without the department."""

from operator import itemgetter

from config.lib.memory import Memory
from config.lib.text import without_accents, words

from .models import Department, Municipality

# The list changes with a release, not with a day.
_all = Memory(seconds=3600)
# "Bogotá, D.C." and "San Andrés y Providencia" are written in many ways.
_SILENT = {"de", "del", "la", "las", "los", "el", "y", "d", "c", "dc"}


def label(municipality: Municipality) -> str:
    """Give the name with its department, because names repeat: "Cali" becomes one of a kind."""
    return municipality.full_name


def find(typed: str, *, limit: int = 12) -> list[Municipality]:
    """Give the municipalities that a person may mean, the most likely first."""
    asked = _telling(words(typed))
    if not asked:
        return []
    ranked = []
    for municipality, name, place in _known():
        rank = _rank(asked, name, place)
        if rank is not None:
            # Of equals, the capital of a department is meant most often.
            is_capital = municipality.code.endswith("001")
            ranked.append((rank, not is_capital, len(name), municipality.code, municipality))
    return [municipality for *_order, municipality in sorted(ranked, key=itemgetter(0, 1, 2, 3))][
        :limit
    ]


def departments() -> list[Department]:
    """Give every department, in the order of their names."""
    found = {one.department_id: one.department for one, _name, _place in _known()}
    return sorted(found.values(), key=lambda department: without_accents(department.name))


def inside(department_code: str) -> list[Municipality]:
    """Give the municipalities of a department, in the order of their names."""
    found = [one for one, _name, _place in _known() if one.department_id == department_code]
    return sorted(found, key=lambda municipality: without_accents(municipality.name))


def meant(typed: str) -> Municipality | None:
    """Give the one municipality that the text names in whole words, or None."""
    asked = _telling(words(typed))
    if not asked:
        return None
    whole = [
        (municipality, name, place)
        for municipality, name, place in _known()
        if set(asked) <= {*name, *place} and set(asked) & set(name)
    ]
    # With its department beside it, or as the label says it, every word is accounted for.
    exact = [municipality for municipality, name, place in whole if asked == name + place]
    if len(exact) == 1:
        return exact[0]
    return whole[0][0] if len(whole) == 1 else None


def _rank(asked: list[str], name: list[str], place: list[str]) -> int | None:
    """Say how well the words fit: 0 is the name itself, None is not at all."""
    everything = name + place
    if not all(any(known.startswith(word) for known in everything) for word in asked):
        return None
    if not any(known.startswith(word) for word in asked for known in name):
        return None
    if asked in (name, everything):
        return 0
    if set(asked) <= set(name):
        return 1
    if set(asked) <= set(everything):
        return 2
    return 3 if name[0].startswith(asked[0]) else 4


def _telling(spoken: list[str]) -> list[str]:
    return [word for word in spoken if word not in _SILENT] or spoken


def _known() -> list[tuple[Municipality, list[str], list[str]]]:
    return _all.get("places", _read)


def _read(_key) -> list[tuple[Municipality, list[str], list[str]]]:
    return [
        (
            municipality,
            _telling(words(municipality.name)),
            _telling(words(municipality.department.name)),
        )
        for municipality in Municipality.objects.select_related("department").order_by("code")
    ]
