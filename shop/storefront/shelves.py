"""The category tree and the benefits of a shop as one remembered object."""

from dataclasses import dataclass, field

from config.lib.memory import Memory

from .. import addresses
from ..models import Benefit, Category, Organization

_shelves = Memory(seconds=2)


@dataclass
class Shelf:
    """A listed category with what stands inside it."""

    id: object
    parent_id: object | None
    slug: str
    label: str
    description: str
    picture: dict | None
    children: list["Shelf"] = field(default_factory=list)
    parent: "Shelf | None" = None

    @property
    def url(self) -> str:
        return addresses.category(self.slug)

    def with_descendants(self) -> list["Shelf"]:
        """Give this shelf and every one below it."""
        return [self, *(shelf for child in self.children for shelf in child.with_descendants())]

    def path(self) -> list["Shelf"]:
        """Give the way from the top to this shelf."""
        return [*(self.parent.path() if self.parent else []), self]


@dataclass(frozen=True)
class Shelves:
    """Everything by which a shop's products are sorted."""

    top: list[Shelf]
    by_slug: dict[str, Shelf]
    by_id: dict[object, Shelf]
    benefits: dict[str, str]  # name by slug


def of(organization: Organization) -> Shelves:
    """Give the shelves of a shop as they stood two seconds ago at most."""
    return _shelves.get(organization.pk, lambda _key: _read(organization))


def _read(organization: Organization) -> Shelves:
    rows = Category.objects.filter(organization=organization, is_listed=True)
    listed = {
        row["id"]: Shelf(label=row.pop("name"), **row)
        for row in rows.order_by("position", "name", "id").values(
            "id", "parent_id", "slug", "name", "description", "picture"
        )
    }
    reachable: dict[object, Shelf] = {}
    for shelf in listed.values():
        shelf.parent = listed.get(shelf.parent_id)
        if shelf.parent:
            shelf.parent.children.append(shelf)
    # Below a shelf that is not listed nothing is listed; a circle is never reached.
    top = [shelf for shelf in listed.values() if shelf.parent_id is None]
    for shelf in top:
        for below in shelf.with_descendants():
            reachable[below.id] = below
    return Shelves(
        top=top,
        by_slug={shelf.slug: shelf for shelf in reachable.values()},
        by_id=reachable,
        benefits=dict(
            Benefit.objects.filter(organization=organization)
            .order_by("name")
            .values_list("slug", "name")
        ),
    )
