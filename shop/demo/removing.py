"""Take the demo out again: exactly what carries its label, and the files of its pictures."""

from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q
from django_scopes import scope, scopes_disabled

from shop import catalogue, page_cache, pictures
from shop.demo import content, texts
from shop.demo.loading import CUSTOMER_TAG
from shop.models import (
    AuditEntry,
    Benefit,
    Category,
    Customer,
    KitPart,
    Membership,
    Organization,
    Picture,
    Post,
    Product,
    ProductImport,
    SearchWord,
    StockCount,
    StockMovement,
    User,
)
from shop.signals import demo_removing


@dataclass
class Removed:
    """Which shops are gone, and which stay because a merchant put something of theirs into them."""

    gone: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def remove() -> Removed:
    """Delete every demo row; a demo shop that holds a merchant's own rows keeps those."""
    removed = Removed()
    for organization in Organization.objects.filter(is_demo=True).order_by("slug"):
        with scope(organization=organization):
            is_gone = _remove_from(organization)
        (removed.gone if is_gone else removed.kept).append(organization.name)
    _remove_people()
    return removed


@transaction.atomic
def _remove_from(organization: Organization) -> bool:
    """Delete the demo rows of one shop, and the shop itself when nothing else is left."""
    demo_removing.send(Organization, organization=organization)
    demo = Product.objects.filter(is_demo=True)
    files = list(Picture.objects.filter(product__in=demo).values("key", "widths"))
    _remove_imports()
    StockCount.objects.filter(person__is_demo=True).delete()
    StockMovement.objects.filter(variant__product__in=demo).delete()
    KitPart.objects.filter(part__product__in=demo).delete()
    demo.delete()
    files += content.remove(organization)
    # A demo person who signed in became a customer as well.
    Customer.objects.filter(Q(tags__contains=[CUSTOMER_TAG]) | Q(user__is_demo=True)).delete()
    Membership.objects.filter(user__is_demo=True).delete()
    is_gone = not (
        Product.objects.exists()
        or Customer.objects.exists()
        or Membership.objects.exists()
        or Post.objects.exists()
    )
    files += _remove_shelves(organization, all_of_them=is_gone)
    if is_gone:
        files += [
            kept for kept in (organization.hero, organization.logo, organization.icon) if kept
        ]
        organization.delete()
    else:
        SearchWord.objects.all().delete()
        Organization.objects.filter(pk=organization.pk).update(is_demo=False)
        catalogue.refresh(Product.objects.values_list("pk", flat=True))
    page_cache.invalidate(organization.pk)
    transaction.on_commit(lambda: _delete_files(files))
    return is_gone


def _remove_imports() -> None:
    """Delete what demo people imported, and what the audit says of that."""
    given = ProductImport.objects.filter(person__is_demo=True)
    keys = [str(key) for key in given.values_list("pk", flat=True)]
    AuditEntry.objects.filter(model="productimport", row_id__in=keys).delete()
    given.delete()


def _remove_shelves(organization: Organization, *, all_of_them: bool) -> list[dict]:
    """Delete shelves and benefits; while products stay, only the demo's own that are empty."""
    text = texts.read(organization.slug)
    slugs = [written["slug"] for written in text.categories]
    files = []
    # Leaves first, because a shelf protects the one it stands in.
    while True:
        bare = Category.objects.filter(children__isnull=True, products__isnull=True)
        bare = bare if all_of_them else bare.filter(slug__in=slugs)
        gone = list(bare)
        if not gone:
            break
        files += [category.picture for category in gone if category.picture]
        bare.delete()
    benefits = Benefit.objects.filter(products__isnull=True)
    (benefits if all_of_them else benefits.filter(slug__in=text.benefits)).delete()
    return files


def _remove_people() -> None:
    """Delete demo users, except one whom a merchant has taken on in a shop of their own."""
    # A person belongs to no organization: whether any shop still needs them is asked of all.
    with scopes_disabled():
        User.objects.filter(is_demo=True, memberships__isnull=True).delete()


def _delete_files(files: list[dict]) -> None:
    for kept in files:
        pictures.delete_files(kept["key"], kept["widths"])
