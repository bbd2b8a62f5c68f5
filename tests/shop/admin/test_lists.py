"""Every list of the back-office: search, filters, saved views, and a cost that does not grow."""

import pytest

from config.lib import memory
from shop.admin.site import site
from shop.models import AuditEntry, SavedView
from tests import make
from tests.shop.admin.back_office import client_of

# A page of their own in place of a list.
_NO_LIST = {"dailysales", "deliverysettings", "front", "homeblock", "menuitem", "banner"}
_OPERATORS = {"shop.organization", "shop.domain", "shop.user"}
ADMINS = {
    model._meta.label_lower: model_admin
    for model, model_admin in site._registry.items()
    if "changelist" in model_admin.pages and model._meta.model_name not in _NO_LIST
}


def address(label: str) -> str:
    return f"/admin/{label.replace('.', '/')}/"


@pytest.mark.parametrize("label", ADMINS)
def test_every_list_can_be_searched_and_filtered(label):
    assert ADMINS[label].search_fields, f"{label} cannot be searched."
    assert ADMINS[label].list_filter, f"{label} cannot be filtered."


def fill(word: str, count: int) -> None:
    """Make so many rows of what the lists show most."""
    for number in range(count):
        product = make.product(f"Producto {word} {number}", variants=2)
        make.customer(name=f"Cliente {word} {number}")
        make.member("viewer")
        AuditEntry.objects.create(
            organization=make.here(), action="changed", model="product", row_id=str(product.pk)
        )
        make.placed_order(product.variants.first())


def test_every_list_costs_the_same_queries_for_few_rows_and_for_many(
    owner, django_assert_max_num_queries
):
    operator = client_of("owner", is_superuser=True)

    def costs():
        found = {}
        for label in ADMINS:
            client = operator if label in _OPERATORS else owner
            memory.clear_all()
            with django_assert_max_num_queries(20) as queries:
                assert client.get(address(label)).status_code == 200, label
            found[label] = len(queries)
        return found

    make.rows_of_logistics()
    make.rows_of_orders()
    fill("uno", 2)
    costs()
    few = costs()
    fill("dos", 8)

    assert costs() == few


@pytest.mark.parametrize("label", ["shop.product", "shop.customer", "orders.refund"])
def test_a_view_of_any_list_is_saved_by_its_person_and_found_again(owner, label):
    [parameter] = {"shop.product": ["stock"], "shop.customer": ["status__exact"]}.get(
        label, ["status__exact"]
    )
    path, query = address(label), f"{parameter}=low&q=ana&nada=1&p=2"

    owner.post(f"{path}vistas/", {"name": "Mías", "query": query})

    view = SavedView.objects.get()
    assert (view.list, view.query) == (label.replace(".", "_"), f"q=ana&{parameter}=low")
    page = owner.get(path)
    assert [one["name"] for one in page.context["views"]] == ["Mías"]
    assert client_of("owner").get(path).context["views"] == []
    chosen = owner.get(path, {"q": "ana", parameter: "low"}).context["views"]
    assert chosen[0]["is_chosen"]


def test_who_may_not_see_a_list_saves_no_view_of_it(organization):
    response = client_of("warehouse").post(
        "/admin/shop/customer/vistas/", {"name": "x", "query": "q=a"}
    )

    assert response.status_code == 403
    assert not SavedView.objects.exists()
