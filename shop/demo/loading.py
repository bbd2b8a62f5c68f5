"""Put the demo shops into the database: each whole, or not at all."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_scopes import scope

from config.lib.errors import DomainError
from config.lib.fields import uuid7
from shop import (
    catalogue,
    customers,
    imports,
    kit_making,
    kits,
    organizations,
    stock,
    stock_alerts,
    stock_counts,
    wishlist,
)
from shop.demo import content, texts
from shop.demo.gallery import WIDTH, Gallery, ingredient_of
from shop.demo.texts import ProductText, ShopText
from shop.imports import running
from shop.models import (
    Address,
    Benefit,
    Category,
    Customer,
    Domain,
    Organization,
    Picture,
    Product,
    ProductImport,
    StockAlert,
    StockCount,
    StockLevel,
    StockMovement,
    User,
    Variant,
)
from shop.roles import Role
from shop.signals import demo_loading


class HostTaken(DomainError):
    code = "host_taken"


# What marks a customer as part of the demo; organizations, products and users have a field.
CUSTOMER_TAG = "demo"
OPERATOR = "operador@kaiu.example"


def load(
    *,
    password: str,
    width: int = WIDTH,
    report: Callable[[str], object] = lambda line: None,
    now: datetime | None = None,
) -> list[Organization]:
    """Load the demo shops that are not there yet; an existing one is left as its people made it."""
    loaded = []
    for slug in texts.SHOPS:
        if Organization.objects.filter(slug=slug).exists():
            continue
        text = texts.read(slug)
        # Asked before the pictures are drawn: that takes most of the time.
        if Domain.objects.filter(host=text.hosts[0]).exists():
            raise HostTaken(_("The host %(host)s already has a shop.") % {"host": text.hosts[0]})
        gallery = Gallery(text, width=width)
        report(f"{text.organization['name']}: drawing {len(gallery)} pictures …")
        try:
            gallery.draw()
            loaded.append(_write(text, gallery, password=password, now=now or timezone.now()))
        except BaseException:
            gallery.discard()
            raise
    return loaded


def _write(text: ShopText, gallery: Gallery, *, password: str, now: datetime) -> Organization:
    """Write a shop, whole or not at all."""
    key = uuid7()
    # The scope is outside of the transaction: what follows the commit asks for it too.
    with scope(organization=Organization(pk=key)), transaction.atomic():
        return _write_shop(key, text, gallery, password=password, now=now)


def _write_shop(
    key: UUID, text: ShopText, gallery: Gallery, *, password: str, now: datetime
) -> Organization:
    _person(OPERATOR, "Operador de la plataforma", password, is_superuser=True)
    for member in text.members:
        _person(member["email"], member["name"], password)
    owner = next(member for member in text.members if member["role"] == "owner")
    name = text.organization["name"]
    organization = organizations.create(
        id=key,
        host=text.hosts[0],
        owner_email=owner["email"],
        is_demo=True,
        hero=gallery.of("hero", description=name),
        logo=gallery.of("logo", description=name),
        icon=gallery.of("icon", description=name),
        **text.organization,
    )
    for host in text.hosts[1:]:
        if not Domain.objects.filter(host=host).exists():
            Domain.objects.create(organization=organization, host=host, verified_at=now)
    with scope(organization=organization):
        for member in text.members:
            organizations.add_member(organization, email=member["email"], role=member["role"])
        _write_catalogue(organization, text, gallery, now)
        _write_import(organization, text, now)
        content.write(organization, text.content, gallery, now=now)
        for customer in text.customers:
            _write_customer(organization, customer, password)
        _write_wishes(now)
        demo_loading.send(Organization, organization=organization, now=now)
        _write_stock_count(organization, text)
    return organization


def _person(email: str, name: str, password: str, **fields) -> None:
    """A demo user; somebody who has this address already keeps name and password."""
    if not User.objects.filter(email=email).exists():
        user = User.objects.create_user(email, password, name=name, is_demo=True, **fields)
        # Nobody reads the mail of a demo person: their address counts as confirmed.
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


def _write_stock_count(organization: Organization, text: ShopText) -> None:
    """A count that the warehouse has begun: two of its shelves do not hold what they should."""
    emails = [member["email"] for member in text.members if member["role"] == Role.WAREHOUSE]
    person = User.objects.filter(email__in=emails).first()
    category = Category.objects.filter(products__isnull=False).order_by("position", "pk").first()
    if person is None or category is None:
        return
    count = stock_counts.start(
        organization,
        name=category.name,
        scope=StockCount.Scope.CATEGORY,
        category=category,
        person=person,
    )
    for line, off in zip(count.lines.order_by("variant__sku"), (0, -1, 0, 2), strict=False):
        stock_counts.write(count, {line.pk: (None, 0)}, person=person)
        line.refresh_from_db()
        counted = max(0, line.expected + off)
        stock_counts.write(count, {line.pk: (0, counted)}, person=person)


def _write_catalogue(
    organization: Organization, text: ShopText, gallery: Gallery, now: datetime
) -> None:
    benefits = {
        slug: Benefit.objects.create(organization=organization, slug=slug, name=name)
        for slug, name in text.benefits.items()
    }
    categories: dict[str, Category] = {}
    for position, written in enumerate(text.categories):
        categories[written["slug"]] = Category.objects.create(
            organization=organization,
            parent=categories.get(written.get("parent", "")),
            slug=written["slug"],
            name=written["name"],
            description=written["description"],
            picture=gallery.of(written["slug"], description=written["name"]),
            position=position,
        )
    opening: list[tuple[Variant, int]] = []
    products = []
    for written in text.products:
        product = Product(
            organization=organization,
            category=categories[written.category],
            is_active=written.is_active,
            is_featured=written.is_featured,
            published_at=_published_at(written, now),
            is_demo=True,
            **written.fields,
        )
        product.full_clean(exclude=["organization", "category"])
        product.save()
        product.benefits.set(benefits[slug] for slug in written.benefits)
        opening += _write_variants(product, written, gallery)
        products.append(product)
    # Lists need every product once before a movement brings a single one up to date.
    catalogue.refresh(product.pk for product in products)
    for variant, quantity in opening:
        stock.move(variant, quantity, reason=StockMovement.Reason.OPENING, reference="demo")
    _write_kits(text)


def _write_import(organization: Organization, text: ShopText, now: datetime) -> None:
    """Somebody counted the warehouse last week and gave the file, with two rows that are wrong."""
    path = texts.FOLDER / text.slug / "conteo-de-bodega.csv"
    if not path.exists():
        return
    person = User.objects.get(
        memberships__organization=organization, memberships__role=Role.MANAGER
    )
    with path.open("rb") as file:
        one = imports.receive(organization, person, name=path.name, file=file)
    running.start(one, person=person, now=now)
    running.carry_on(one.pk)
    given_at = now - timedelta(days=6)
    ProductImport.objects.filter(pk=one.pk).update(
        created_at=given_at,
        started_at=given_at + timedelta(minutes=2),
        finished_at=given_at + timedelta(minutes=3),
    )


def _write_kits(text: ShopText) -> None:
    variants = {variant.sku: variant for variant in Variant.objects.all()}
    for written in text.products:
        for row in written.variants:
            if row.parts:
                parts = {variants[sku].pk: each for sku, each in row.parts.items()}
                recipe = kit_making.Recipe(Variant.KitStock.PARTS, parts)
                kit_making.declare(variants[row.fields["sku"]], recipe)


def _published_at(written: ProductText, now: datetime) -> datetime:
    """Products appeared one by one over a year, always in the same order."""
    if written.published_in_days is not None:
        return now + timedelta(days=written.published_in_days)
    return now - timedelta(days=Random(written.fields["slug"]).randrange(2, 360))  # noqa: S311


def _write_variants(
    product: Product, written: ProductText, gallery: Gallery
) -> list[tuple[Variant, int]]:
    """Pictures and variants; gives each variant with the stock it opens with, when it has any."""
    shown = {}
    for look in written.looks:
        description = ", ".join(filter(None, (product.name, look.size)))
        shown[look] = _add_picture(product, gallery.of(look, description=description))
    if key := ingredient_of(written):
        description = f"{product.name}: la planta de la que se hace"
        _add_picture(product, gallery.of(key, description=description))
    opening = []
    for position, row in enumerate(written.variants):
        variant = Variant(
            organization=product.organization,
            product=product,
            picture=shown[row.look],
            position=position,
            **row.fields,
        )
        variant.full_clean(exclude=["organization", "product", "picture"])
        variant.save()
        if row.stock:
            opening.append((variant, row.stock))
    return opening


def _add_picture(product: Product, kept: dict) -> Picture:
    return Picture.objects.create(
        product=product,
        key=kept["key"],
        widths=kept["widths"],
        width=kept["width"],
        height=kept["height"],
        description=kept["alt"],
        position=product.pictures.count(),
    )


def _write_wishes(now: datetime) -> None:
    """Some customers keep what is shown first, and wait for what is sold out."""
    people = list(Customer.objects.exclude(email="").order_by("pk")[:4])
    shown = list(Product.objects.visible(now).filter(is_featured=True).order_by("pk")[:3])
    sellable = Variant.objects.filter(is_active=True, product__in=Product.objects.visible(now))
    out = kits.with_available(sellable).filter(available=0).order_by("sku").first()
    for place, customer in enumerate(people):
        wishlist.join(customer, [product.pk for product in shown[place:]])
        if out is not None:
            StockLevel.objects.get_or_create(variant=out)
            StockAlert.objects.create(
                variant=out,
                customer=customer,
                email=customer.email,
                language="es",
                consent_version=stock_alerts.CONSENT_VERSION,
                consented_at=now,
                confirmed_at=now,
            )


def _write_customer(organization: Organization, written: dict, password: str) -> Customer:
    fields = {key: written[key] for key in ("name", "email", "phone", "source")}
    fields |= {key: written[key] for key in ("document_type", "document_number")}
    if written.get("account"):
        _person(written["email"], written["name"], password)
        fields["user"] = User.objects.get(email=written["email"])
    customer = customers.create(organization, tags=[CUSTOMER_TAG, *written["tags"]], **fields)
    for number, place in enumerate(written["addresses"]):
        address = Address.objects.create(
            customer=customer,
            recipient=customer.name,
            phone=customer.phone,
            line=place["line"],
            complement=place["complement"],
            neighbourhood=place["neighbourhood"],
            municipality_id=place["municipality"],
            notes=place["notes"],
        )
        if number == 0:
            customers.use_by_default(address)
    return customer
