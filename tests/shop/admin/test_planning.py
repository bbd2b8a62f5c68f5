"""What a list of the back-office asks is planned for what is asked."""

from django.db import connection

from tests import make

_KEPT = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s"


def kept(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, [statement])
        return cursor.fetchone()[0]


def test_no_plan_of_a_list_is_kept_for_other_values(owner):
    make.product("Aceite")

    for _number in range(8):
        assert owner.get("/admin/shop/product/").status_code == 200

    assert kept('%FROM "shop_membership"%') == 1, "Nothing is kept: this proves nothing."
    assert kept('%FROM "shop_product"%') == 0
