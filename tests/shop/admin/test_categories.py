"""Categories, in the back-office."""

from shop.models import Category
from tests import make
from tests.shop.admin.back_office import change, errors_of, send


def test_a_category_does_not_stand_inside_itself(owner):
    outer = make.category()
    inner = make.category(parent=outer)

    response = send(owner, change(outer), parent=str(inner.pk))

    assert errors_of(response) == {"parent": ["A category cannot stand inside itself."]}


def test_a_category_with_content_is_not_deleted(owner):
    category = make.product().category

    response = owner.post(
        f"/admin/shop/category/{category.pk}/delete/", {"post": "yes"}, follow=True
    )

    assert Category.objects.filter(pk=category.pk).exists()
    assert response.status_code == 200


def test_the_tree_of_categories_is_listed_parents_first(owner):
    second = make.category("B", position=2)
    first = make.category("A", position=1)
    inside = make.category("C", parent=first, position=9)

    rows = owner.get("/admin/shop/category/").context["cl"].result_list

    assert [(row, row.depth) for row in rows] == [(first, 0), (inside, 1), (second, 0)]


def test_a_renamed_category_is_found_by_its_new_name(owner):
    product = make.product()

    send(owner, change(product.category), name="Sahumerios")

    found = owner.get("/admin/shop/product/", {"q": "sahumerio"}).context["cl"].result_list
    assert list(found) == [product]
