"""What the back-office's pages cost at most, and their policy."""

import pytest
from django.test import Client

from config.lib import memory
from tests import make
from tests.shop.admin.back_office import LISTS, change


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_queries_whatever_it_holds(
    owner, name, django_assert_max_num_queries
):
    def fill(count):
        for _number in range(count):
            make.product(variants=2)
            make.customer()
            make.member("viewer")

    fill(1)
    path = f"/admin/shop/{name}/"
    owner.get(path)
    memory.clear_all()
    with django_assert_max_num_queries(20) as few:
        owner.get(path)
    fill(4)
    memory.clear_all()
    with django_assert_max_num_queries(20) as many:
        owner.get(path)

    assert len(many) == len(few)


def test_the_form_of_a_product_costs_the_same_queries_whatever_its_variants(
    owner, django_assert_max_num_queries
):
    small, large = make.product(variants=2), make.product(variants=12)
    owner.get(change(small))

    memory.clear_all()
    with django_assert_max_num_queries(30) as few:
        owner.get(change(small))
    memory.clear_all()
    with django_assert_max_num_queries(30) as many:
        owner.get(change(large))

    assert len(many) == len(few)


def test_a_list_never_counts_past_its_bound(owner, django_assert_max_num_queries):
    make.product()

    with django_assert_max_num_queries(20) as queries:
        owner.get("/admin/shop/product/")

    counting = [query["sql"] for query in queries if "COUNT(*)" in query["sql"]]
    assert counting
    assert all("LIMIT 5001" in sql for sql in counting)


def test_the_back_office_has_a_narrow_policy_of_its_own_and_the_shop_a_strict_one(owner):
    page = owner.get("/admin/")["Content-Security-Policy"]
    shop = Client().get("/")["Content-Security-Policy"]

    assert "script-src 'self' 'unsafe-eval'" in page
    assert "unsafe-" not in shop
    for policy in (page, shop):
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "object-src 'none'" in policy
