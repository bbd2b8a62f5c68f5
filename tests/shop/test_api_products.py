import pytest
from django.utils import timezone

from shop.models import AuditEntry, Organization, Product
from tests import make
from tests.shop import api


def test_a_shopper_reads_what_is_published_and_nothing_internal(organization):
    shown = make.product("Aceite de lavanda", benefits=())
    make.product("Borrador", is_active=False)
    make.product("Mañana", published_at=timezone.now() + timezone.timedelta(days=1))
    retired = make.variant(shown, option1="Retirado")
    retired.is_active = False
    retired.save()

    answer = api.client().get("/api/products/").json()

    (product,) = answer["results"]
    assert product["name"] == "Aceite de lavanda"
    assert (product["listing_price"], product["currency"]) == (2_490_000, "COP")
    assert [variant["is_available"] for variant in product["variants"]] == [True]
    assert not {"is_active", "withdrawn_at", "is_low", "changed_at"} & product.keys()
    assert "on_hand" not in str(product)
    hidden = Product.objects.exclude(pk=shown.pk).first()
    assert api.client().get(f"/api/products/{hidden.pk}/").status_code == 404


def test_staff_reads_everything(organization):
    hidden = make.product("Borrador", is_active=False)

    answer = api.client("viewer").get(f"/api/products/{hidden.pk}/").json()

    assert answer["is_active"] is False


def test_a_new_product_gets_a_free_address_and_an_entry_in_the_audit(organization):
    category = make.category(slug="aceites")
    make.product("Jabón", slug="jabon")

    answer = api.client("manager").post(
        "/api/products/", {"name": "Jabón", "category": category.slug}
    )

    assert answer.status_code == 201
    assert answer.json()["slug"] == "jabon-2"
    product = Product.objects.get(slug="jabon-2")
    assert product.search is not None
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.source, entry.row_id) == ("added", "api", str(product.pk))
    assert entry.changes["name"] == [None, "Jabón"]


def test_a_change_is_seen_by_lists_at_once_and_kept_in_the_audit(organization):
    product = make.product("Aceite")
    client = api.client("owner")

    answer = client.patch(f"/api/products/{product.pk}/", {"name": "Bálsamo de caléndula"})

    assert answer.status_code == 200
    found = api.client().get("/api/products/", {"q": "calendulas"}).json()["results"]
    assert [row["id"] for row in found] == [str(product.pk)]
    entry = AuditEntry.objects.get()
    assert entry.changes == {"name": ["Aceite", "Bálsamo de caléndula"]}


def test_benefits_are_set_by_their_addresses(organization):
    product = make.product()
    calm = make.benefit("Calma", slug="calma")
    client = api.client("admin")

    client.patch(f"/api/products/{product.pk}/", {"benefits": ["calma"]})
    refused = client.patch(f"/api/products/{product.pk}/", {"benefits": ["calma", "humo"]})

    assert list(product.benefits.all()) == [calm]
    assert refused.json()["fields"]["benefits"]["code"] == "does_not_exist"
    assert "humo" in refused.json()["fields"]["benefits"]["message"]
    assert Product.objects.get(pk=product.pk).benefit_slugs == ["calma"]


def test_an_address_that_is_taken_is_refused_beside_its_field(organization):
    make.product(slug="jabon")
    product = make.product()

    answer = api.client("owner").patch(f"/api/products/{product.pk}/", {"slug": "jabon"})

    assert answer.status_code == 400
    assert answer.json()["fields"]["slug"]["code"] == "taken"
    assert Product.objects.get(pk=product.pk).slug != "jabon"


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"colour": "red"}, "colour", "unknown"),
        ({"listing_price": 1}, "listing_price", "read_only"),
        ({"organization": "00000000-0000-0000-0000-000000000000"}, "organization", "unknown"),
        ({"name": "x" * 141}, "name", "max_length"),
        ({"name": "a\u0000b"}, "name", "hidden"),
        ({"name": "a\u202eb"}, "name", "hidden"),
        ({"name": ["a"]}, "name", "invalid"),
        ({"category": "no-such"}, "category", "does_not_exist"),
        ({"category": {"a": 1}}, "category", "invalid"),
        ({"option1_name": "", "option2_name": "Tipo"}, "option2_name", "invalid"),
        ({"withdrawn_at": "2001-01-01T00:00:00Z"}, "withdrawn_at", "invalid"),
        ({"is_active": {}}, "is_active", "invalid"),
        ({"benefits": "calma"}, "benefits", "not_a_list"),
    ],
)
def test_a_bad_field_is_named(organization, body, field, code):
    product = make.product("Aceite")

    answer = api.client("owner").patch(f"/api/products/{product.pk}/", body)

    assert answer.status_code == 400, answer.content
    assert answer.json()["fields"][field]["code"] == code
    assert answer.json()["message"]
    assert AuditEntry.objects.count() == 0


def test_filters_narrow_together(organization):
    oils = make.category(slug="aceites")
    inner = make.category(slug="esenciales", parent=oils)
    calm = make.benefit("Calma", slug="calma")
    wanted = make.product("Lavanda", category=inner, benefits=[calm], price=1_000_000)
    make.product("Lavanda cara", category=inner, benefits=[calm], price=9_000_000)
    make.product("Lavanda agotada", category=inner, benefits=[calm], price=100, in_stock=0)
    make.product("Lavanda suelta", category=oils, price=1_000_000)
    make.product("Otra")
    query = {
        "q": "labanda",
        "category": "aceites",
        "benefit": "calma",
        "available": "true",
        "price_max": 2_000_000,
    }

    answer = api.client().get("/api/products/", query).json()

    assert [row["id"] for row in answer["results"]] == [str(wanted.pk)]
    by_sku = {"sku": wanted.variants.get().sku}
    assert len(api.client().get("/api/products/", by_sku).json()["results"]) == 1


@pytest.mark.parametrize(
    "query",
    [
        "availabel=true",
        "available=maybe",
        "category=nope",
        "benefit=nope",
        "benefit=%00",
        "category=%00",
        "q=%00",
        "price_min=abc",
        "price_max=999999999999999999999999",
        "ordering=created_at",
        "limit=0",
        "limit=101",
        "limit=x",
        "limit=999999999999999999999",
        "cursor=x",
        "cursor=%00",
        "cursor=W10",
        "cursor=" + "x" * 3000,
        "cursor=WyItcHVibGlzaGVkX2F0IiwiMjAyNi0wMS0wMSIsIngiXQ",
    ],
)
def test_a_parameter_that_makes_no_sense_is_named(organization, query):
    answer = api.client().get(f"/api/products/?{query}")

    assert answer.status_code == 400, answer.content
    assert list(answer.json()["fields"]) == [query.partition("=")[0]]


@pytest.mark.parametrize("who", ["anonymous", "owner"])
@pytest.mark.parametrize(
    "ordering", ["-published_at", "published_at", "price", "-price", "name", "-name"]
)
def test_pages_show_every_row_once(organization, ordering, who):
    # Equal prices and names: the key decides among them. One has no price yet.
    products = [make.product(f"Jabón {number % 2}", price=100 + number % 3) for number in range(6)]
    products.append(make.product("Sin precio", variants=0))
    client = api.client(who)
    seen, address = [], f"/api/products/?limit=2&ordering={ordering}"
    while address:
        page = client.get(address).json()
        seen += page["results"]
        address = page["next"]

    expected = products if who == "owner" else products[:-1]
    assert sorted(row["id"] for row in seen) == sorted(str(product.pk) for product in expected)
    if "price" in ordering:
        prices = [row["listing_price"] for row in seen if row["listing_price"] is not None]
        assert prices == sorted(prices, reverse=ordering.startswith("-"))


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_costs_the_same_queries_whatever_its_rows(
    organization, django_assert_num_queries, rows
):
    for _row in range(rows):
        make.product(variants=2, benefits=[make.benefit()])
    client = api.client()
    client.get("/api/products/")

    # Products with their category, benefits, pictures, variants with their stock, parts of kits.
    with django_assert_num_queries(5):
        client.get("/api/products/")


def test_a_picture_is_added_shown_and_removed_with_its_files(
    organization, django_capture_on_commit_callbacks
):
    from django.core.files.storage import default_storage

    product = make.product()
    client = api.client("manager")
    address = f"/api/products/{product.pk}/pictures/"

    answer = client.post(
        address, {"file": make.picture_file(), "description": "Frasco"}, format="multipart"
    )

    assert answer.status_code == 201, answer.content
    picture = product.pictures.get()
    assert (picture.description, answer.json()["width"]) == ("Frasco", picture.width)
    assert answer.json()["sizes"][0]["url"].startswith("http://testserver/media/pictures/")
    product.refresh_from_db()
    assert product.cover["key"] == picture.key
    assert default_storage.exists(f"{picture.key}/320.webp")

    with django_capture_on_commit_callbacks(execute=True):
        assert client.delete(f"{address}{picture.pk}/").status_code == 204

    assert product.pictures.count() == 0
    assert not default_storage.exists(f"{picture.key}/320.webp")
    actions = AuditEntry.objects.filter(model="picture").order_by("id")
    assert [entry.action for entry in actions] == ["added", "deleted"]


def test_a_file_that_is_no_picture_is_refused_beside_its_field(organization):
    import io

    product = make.product()
    file = io.BytesIO(b"MZ not a picture")
    file.name = "foto.jpg"

    answer = api.client("owner").post(
        f"/api/products/{product.pk}/pictures/", {"file": file}, format="multipart"
    )

    assert answer.status_code == 400
    assert answer.json()["fields"]["file"]["code"] == "bad_picture"
    assert product.pictures.count() == 0


def test_a_product_with_history_is_not_deleted(organization):
    sold, never_sold = make.product(), make.product(in_stock=0)
    client = api.client("owner")

    refused = client.delete(f"/api/products/{sold.pk}/")
    removed = client.delete(f"/api/products/{never_sold.pk}/")

    assert (refused.status_code, refused.json()["code"]) == (409, "still_used")
    assert removed.status_code == 204
    assert list(Product.objects.values_list("pk", flat=True)) == [sold.pk]


def test_the_client_reads_again_only_what_changed(organization):
    product = make.product()
    client = api.client()
    address = f"/api/products/{product.pk}/"
    tag = client.get(address)["ETag"]

    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(address, headers={"If-None-Match": tag}).content == b""

    product.variants.update(price=1)
    changed = client.get(address, headers={"If-None-Match": tag})

    assert changed.status_code == 200
    assert changed["ETag"] != tag


def test_a_change_of_an_older_version_is_refused(organization):
    product = make.product("Primero")
    client = api.client("owner")
    address = f"/api/products/{product.pk}/"
    tag = client.get(address)["ETag"]
    first = client.patch(address, {"name": "Segundo"}, headers={"If-Match": tag})

    late = client.patch(address, {"name": "Tercero"}, headers={"If-Match": tag})
    removal = client.delete(address, headers={"If-Match": tag})

    assert first.status_code == 200
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert removal.status_code == 412
    assert Product.objects.get(pk=product.pk).name == "Segundo"
    # A sale in between is no reason to refuse a new text.
    tag = client.get(address)["ETag"]
    product.variants.update(price=5)
    again = client.patch(address, {"name": "Tercero"}, headers={"If-Match": tag})
    assert again.status_code == 200


def test_products_of_another_organization_do_not_exist(organization):
    from django_scopes import scope

    other = make.organization()
    with scope(organization=other):
        foreign = make.product("Ajeno", slug="ajeno")
        foreign_category = make.category(slug="ajena")
    client = api.client("owner")
    address = f"/api/products/{foreign.pk}/"

    assert client.get(address).status_code == 404
    assert client.patch(address, {"name": "Mío"}).status_code == 404
    assert client.delete(address).status_code == 404
    assert client.get("/api/products/").json()["results"] == []
    assert client.get("/api/products/", {"category": "ajena"}).status_code == 400
    made = client.post("/api/products/", {"name": "X", "category": foreign_category.slug})
    assert made.json()["fields"]["category"]["code"] == "does_not_exist"
    assert Organization.objects.count() == 2
