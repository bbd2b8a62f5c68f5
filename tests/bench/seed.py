"""Shops of many products, made by SQL because making them one by one takes an hour."""

import random
from functools import cache

from django.db import connection, transaction
from django.utils import timezone
from django_scopes import scope

from shop import catalogue, search
from shop.models import Benefit, Category, Domain, Organization, Product

SIZES = (1_000, 10_000, 100_000)

_KINDS = [
    "Aceite",
    "Jabón",
    "Crema",
    "Difusor",
    "Vela",
    "Bálsamo",
    "Champú",
    "Tónico",
    "Sérum",
    "Mascarilla",
    "Roll-on",
    "Bruma",
]
_PLANTS = [
    "lavanda",
    "eucalipto",
    "romero",
    "menta",
    "naranja",
    "limón",
    "bergamota",
    "jazmín",
    "rosa",
    "sándalo",
    "cedro",
    "jengibre",
    "manzanilla",
    "caléndula",
    "coco",
    "almendra",
    "argán",
    "jojoba",
    "ricino",
    "moringa",
    "canela",
    "clavo",
    "incienso",
    "mirra",
    "geranio",
    "pachulí",
    "vetiver",
    "pomelo",
    "mandarina",
    "ciprés",
    "salvia",
    "tomillo",
    "albahaca",
    "hinojo",
    "anís",
    "toronjil",
]
_WAYS = [
    "puro",
    "orgánico",
    "intenso",
    "suave",
    "natural",
    "clásico",
    "fresco",
    "silvestre",
    "artesanal",
    "concentrado",
]
_PURPOSES = ["relajante", "energizante", "hidratante", "purificante", "calmante", "nutritivo"]


def host(size: int) -> str:
    return f"bench-{size}.localhost"


@transaction.atomic
def ensure(size: int) -> Organization:
    """Give the shop of so many products, made whole when it is missing."""
    slug = f"bench-{size}"
    organization = Organization.objects.filter(slug=slug).first()
    if organization is not None:
        return organization
    organization = Organization.objects.create(
        name=f"Tienda de {size}", slug=slug, whatsapp="+573001234567"
    )
    with scope(organization=organization):
        fill(organization, size)
    Domain.objects.create(
        organization=organization, host=host(size), is_primary=True, verified_at=timezone.now()
    )
    return organization


def vacuum() -> None:
    """Tidy what was written at once, as autovacuum does by itself a minute later."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def fill(organization: Organization, size: int) -> None:
    """Put so many products on the shelves of a new shop, by SQL."""
    chance = random.Random(size)
    shelves = []
    for top in range(8):
        parent = Category.objects.create(
            organization=organization, name=f"Sección {top}", slug=f"seccion-{top}", position=top
        )
        shelves += [
            Category.objects.create(
                organization=organization,
                parent=parent,
                name=f"Sección {top}.{below}",
                slug=f"seccion-{top}-{below}",
            )
            for below in range(4)
        ]
    benefits = [
        Benefit.objects.create(organization=organization, name=name.title(), slug=name)
        for name in _PURPOSES
    ]
    for start in range(0, size, 5_000):
        products = [
            _product(organization, number, chance.choice(shelves), chance)
            for number in range(start, min(size, start + 5_000))
        ]
        Product.objects.bulk_create(products, batch_size=1_000)
        _add_rows([product.pk for product in products], [benefit.pk for benefit in benefits])
    search.learn(organization, [*_KINDS, *_PLANTS, *_WAYS, *_PURPOSES])
    search.learn(organization, _vocabulary()[: size // 10])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _product(organization, number: int, category, chance: random.Random) -> Product:
    name = f"{chance.choice(_KINDS)} de {chance.choice(_PLANTS)} {chance.choice(_WAYS)} {number}"
    # As people write: a few words that shoppers search among many that they do not.
    words = chance.choices(_PLANTS + _WAYS + _PURPOSES, k=8) + chance.choices(_vocabulary(), k=50)
    chance.shuffle(words)
    return Product(
        organization=organization,
        category=category,
        name=name,
        slug=f"producto-{number}",
        summary=f"Para el cuidado de todos los días, con {chance.choice(_PLANTS)}.",
        description=f"Hecho en Colombia. {' '.join(words)}.",
        ingredients="Lavandula angustifolia oil, linalool, limonene.",
        how_to_use="Aplicar unas gotas sobre la piel limpia.",
        option1_name="Tamaño",
        published_at=timezone.now() - timezone.timedelta(minutes=number),
    )


def _add_rows(product_ids: list, benefit_ids: list) -> None:
    """Add two variants, their stock, two pictures and two benefits to each product."""
    values = {"ids": product_ids, "benefits": benefit_ids}
    with connection.cursor() as cursor:
        for statement in _ROWS:
            cursor.execute(statement, values)
        # All in one transaction, into which autovacuum does not look.
        cursor.execute(
            "ANALYZE shop_product, shop_variant, shop_stocklevel, shop_picture,"
            " shop_product_benefits"
        )
    for start in range(0, len(product_ids), 1_000):
        part = product_ids[start : start + 1_000]
        catalogue.refresh_listing(part)
    with connection.cursor() as cursor:
        cursor.execute(_SEARCH, values)


_ROWS = (
    """
    INSERT INTO shop_variant (id, organization_id, product_id, sku, name, option1, option2, price,
        compare_at_price, tax_category, weight_grams, width_cm, height_cm, length_cm, position,
        is_active, changed_at)
    SELECT gen_random_uuid(), organization_id, id, slug || '-' || size, '', size || ' ml', '',
        (1 + abs(hashtext(slug || size)) %% 900) * 10000,
        CASE WHEN abs(hashtext(slug)) %% 6 = 0 THEN 9900000 END,
        'iva19', 100, 5, 10, 5, size, true, now()
    FROM shop_product, unnest(ARRAY[10, 30]) AS size WHERE id = ANY(%(ids)s)
    """,
    """
    INSERT INTO shop_stocklevel (variant_id, on_hand, reserved, low_at)
    SELECT id, abs(hashtext(sku)) %% 40, 0, 5 FROM shop_variant WHERE product_id = ANY(%(ids)s)
    """,
    """
    INSERT INTO shop_picture (id, product_id, key, widths, width, height, description, position)
    SELECT gen_random_uuid(), id, 'pictures/bench/' || md5(slug || place), '{320,640,1280}',
        1280, 1600, name, place
    FROM shop_product, generate_series(0, 1) AS place WHERE id = ANY(%(ids)s)
    """,
    """
    INSERT INTO shop_product_benefits (product_id, benefit_id)
    SELECT id, benefit_id FROM shop_product,
        LATERAL (SELECT benefit_id FROM unnest(%(benefits)s::uuid[]) WITH ORDINALITY
            AS listed (benefit_id, place)
            WHERE place %% 3 = abs(hashtext(slug)) %% 3) AS chosen
    WHERE id = ANY(%(ids)s)
    """,
)
_SEARCH = """
UPDATE shop_product SET
    name_search = setweight(to_tsvector('kaiu_spanish', unaccent(name)), 'A'),
    search = setweight(to_tsvector('kaiu_spanish', unaccent(name)), 'A')
        || setweight(to_tsvector('kaiu_spanish', unaccent(summary)), 'C')
        || setweight(to_tsvector('kaiu_spanish', unaccent(description)), 'D')
WHERE id = ANY(%(ids)s)
"""


@cache
def _vocabulary() -> list[str]:
    """Give as many different words as the texts of a large catalogue have."""
    chance = random.Random(1)
    syllables = "la ve ro mi sol ta cu ne pa ri do ma fe lu chi".split()  # noqa: SIM905
    return ["".join(chance.choices(syllables, k=chance.randint(2, 5))) for _ in range(8_000)]
