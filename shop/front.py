"""Menus, banners and the home page: what people work on, and what visitors see of it.

Rows are a draft. Publishing writes them down as one copy (Front.published), which comes with the
organization itself, so that no page needs another query for it. A shop that never published shows
what the copy leaves out: its categories as menu, and the blocks below.
"""

from datetime import datetime

from django.db import transaction

from config.lib import memory

from . import branding, page_cache, pictures
from .models import Banner, Front, HomeBlock, MenuItem, Organization

MOST_BLOCKS = 20
# The home page of who edited nothing.
USUAL_BLOCKS = (
    {"kind": "hero"},
    {"kind": "categories"},
    {"kind": "products", "source": "featured", "most": 8},
    {"kind": "benefits"},
    {"kind": "products", "source": "offers", "most": 4},
    {"kind": "trust"},
)
NOTHING: dict = {"menu": [], "banners": [], "blocks": []}


def published(organization: Organization) -> dict:
    """Give what visitors see; of who never published, nothing."""
    front = getattr(organization, "front", None)
    return {**NOTHING, **front.published} if front is not None else NOTHING


def draft(organization: Organization) -> dict:
    """Give what visitors would see if the rows were published now."""
    return {
        "menu": _menu(organization),
        "banners": [_banner(row) for row in organization.banners.filter(is_active=True)],
        "blocks": _blocks(organization),
    }


def _menu(organization: Organization) -> list[dict]:
    rows = list(organization.menu_items.filter(is_active=True))
    below: dict = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(_link(row))
    return [
        {**_link(row), "place": row.place, "children": below.get(row.pk, [])}
        for row in rows
        if row.parent_id is None
    ]


def _link(row: MenuItem) -> dict:
    target = {
        MenuItem.Kind.CATEGORY: row.category_id,
        MenuItem.Kind.PRODUCT: row.product_id,
        MenuItem.Kind.POST: row.post_id,
        MenuItem.Kind.PAGE: row.page,
        MenuItem.Kind.ADDRESS: row.address,
    }[row.kind]
    return {"kind": row.kind, "label": row.label, "target": str(target or "")}


def _banner(row: Banner) -> dict:
    written = (row.text, row.link_label, row.link_address, row.colour)
    return {
        # Another text is another banner: who closed the old one sees the new one.
        "key": branding.version(row.pk.hex, *written),
        "place": row.place,
        "category": str(row.category_id or ""),
        "text": row.text,
        "link_label": row.link_label,
        "link_address": row.link_address,
        "picture": row.picture,
        "colour": row.colour,
        "starts_at": row.starts_at and row.starts_at.isoformat(),
        "ends_at": row.ends_at and row.ends_at.isoformat(),
        "is_dismissible": row.is_dismissible,
    }


def _blocks(organization: Organization) -> list[dict]:
    rows = organization.home_blocks.filter(is_active=True)[:MOST_BLOCKS]
    chosen: dict = {}
    links = HomeBlock.products.through.objects.filter(homeblock__in=list(rows)).order_by("id")
    for link in links:
        chosen.setdefault(link.homeblock_id, []).append(str(link.product_id))
    return [
        {
            **{
                name: getattr(row, name)
                for name in ("kind", "title", "text", "link_label", "link_address", "picture")
            },
            "source": row.source,
            "category": str(row.category_id or ""),
            "products": chosen.get(row.pk, []),
            "post_kind": row.post_kind,
            "most": row.most,
        }
        for row in rows
    ]


@transaction.atomic
def publish(organization: Organization, *, now: datetime) -> Front:
    """Let visitors see the rows as they are now."""
    # One after the other: the later one publishes what both did.
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    before = Front.objects.filter(organization=organization).first()
    front, _made = Front.objects.update_or_create(
        organization=organization,
        defaults={"published": draft(organization), "published_at": now},
    )
    if before is not None:
        in_use = _keys(front.published) | _keys_of_rows(organization)
        _delete_files([kept for kept in _pictures(before.published) if kept["key"] not in in_use])
    page_cache.invalidate(organization.pk)
    transaction.on_commit(memory.clear_all)
    return front


def has_changes(organization: Organization) -> bool:
    """Say whether the rows differ from what visitors see."""
    front = Front.objects.filter(organization=organization).first()
    return {**NOTHING, **(front.published if front else {})} != draft(organization)


@transaction.atomic
def start(organization: Organization) -> list[HomeBlock]:
    """Write the usual home page down as blocks to work on, unless there are some already."""
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    if organization.home_blocks.exists():
        return []
    return [
        HomeBlock.objects.create(organization=organization, position=position, **block)
        for position, block in enumerate(USUAL_BLOCKS)
    ]


def in_order(row: MenuItem | HomeBlock) -> list:
    """Give the rows among which this one has its place, itself included."""
    rows = type(row).objects.filter(organization_id=row.organization_id)
    if isinstance(row, MenuItem):
        rows = rows.filter(place=row.place, parent=row.parent_id)
    return list(rows)


def release(organization: Organization, kept: dict | None) -> None:
    """Delete the files of a picture that a row no longer uses, once it is committed.

    While visitors see it, they stay: publishing deletes them.
    """
    if not kept:
        return
    front = Front.objects.filter(organization=organization).first()
    if front is None or kept["key"] not in _keys(front.published):
        _delete_files([kept])


def _pictures(published: dict) -> list[dict]:
    shown = [*published.get("banners", ()), *published.get("blocks", ())]
    return [part["picture"] for part in shown if part.get("picture")]


def _keys(published: dict) -> set[str]:
    return {kept["key"] for kept in _pictures(published)}


def _keys_of_rows(organization: Organization) -> set[str]:
    rows = [
        *organization.banners.values_list("picture", flat=True),
        *organization.home_blocks.values_list("picture", flat=True),
    ]
    return {kept["key"] for kept in rows if kept}


def _delete_files(pictures_kept: list[dict]) -> None:
    for kept in pictures_kept:
        transaction.on_commit(lambda kept=kept: pictures.delete_files(kept["key"], kept["widths"]))
