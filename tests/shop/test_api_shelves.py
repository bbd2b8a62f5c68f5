from django_scopes import scope

from shop.models import AuditEntry, Benefit, Category, Product
from tests import make
from tests.shop import api


def test_shoppers_see_listed_categories_in_their_order(organization):
    last = make.category("Jabones", position=2)
    first = make.category("Aceites", position=1)
    make.category("Taller", is_listed=False)

    rows = api.client().get("/api/categories/").json()["results"]

    assert [row["id"] for row in rows] == [str(first.pk), str(last.pk)]
    assert "is_listed" not in rows[0]


def test_a_category_gets_a_free_address_inside_another(organization):
    outer = make.category("Aceites", slug="aceites")

    answer = api.client("manager").post(
        "/api/categories/", {"name": "Aceites", "parent": "aceites"}
    )

    assert answer.status_code == 201, answer.content
    category = Category.objects.get(slug="aceites-2")
    assert category.parent == outer


def test_a_category_never_stands_inside_itself(organization):
    outer = make.category(slug="afuera")
    middle = make.category(slug="medio", parent=outer)
    make.category(slug="adentro", parent=middle)
    client = api.client("owner")

    for inside in ("afuera", "medio", "adentro"):
        answer = client.patch(f"/api/categories/{outer.pk}/", {"parent": inside})

        assert answer.status_code == 400, answer.content
        assert list(answer.json()["fields"]) == ["parent"]
    assert Category.objects.get(pk=outer.pk).parent is None


def test_a_new_name_of_a_category_is_found_by_search(organization):
    product = make.product("Lavanda", category=make.category("Aceites"))

    api.client("owner").patch(f"/api/categories/{product.category_id}/", {"name": "Difusores"})

    found = api.client().get("/api/products/", {"q": "difusor"}).json()["results"]
    assert [row["id"] for row in found] == [str(product.pk)]


def test_a_category_that_holds_something_stays(organization):
    full = make.product().category
    empty = make.category()
    client = api.client("owner")

    refused = client.delete(f"/api/categories/{full.pk}/")
    removed = client.delete(f"/api/categories/{empty.pk}/")

    assert (refused.status_code, refused.json()["code"]) == (409, "still_used")
    assert removed.status_code == 204
    assert list(Category.objects.all()) == [full]
    assert AuditEntry.objects.get().row_label == empty.name


def test_a_benefit_that_is_renamed_or_removed_changes_the_filter_of_its_products(organization):
    benefit = make.benefit("Calma", slug="calma")
    product = make.product(benefits=[benefit])
    client = api.client("owner")

    client.patch(f"/api/benefits/{benefit.pk}/", {"slug": "sosiego"})
    assert Product.objects.get(pk=product.pk).benefit_slugs == ["sosiego"]

    client.delete(f"/api/benefits/{benefit.pk}/")
    assert Product.objects.get(pk=product.pk).benefit_slugs == []
    assert not Benefit.objects.exists()


def test_two_organizations_may_use_the_same_address(organization):
    with scope(organization=make.organization()):
        make.benefit(slug="calma")
    client = api.client("owner")

    first = client.post("/api/benefits/", {"name": "Calma", "slug": "calma"})
    second = client.post("/api/benefits/", {"name": "Calma", "slug": "calma"})

    assert first.status_code == 201
    assert second.json()["fields"]["slug"]["code"] == "taken"
