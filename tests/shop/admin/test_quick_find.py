"""Quick find: whatever a person may see, by whatever they know of it, and nothing else."""

import pytest
from django_scopes import scope

from orders.models import Order, OrderShipment
from tests import make
from tests.shop.admin.back_office import client_of

FIND = "/admin/encontrar/"


def found(client, typed: str) -> dict[str, list[str]]:
    """Give the titles that were found, by group."""
    response = client.get(FIND, {"q": typed, "part": "1"})
    assert response.status_code == 200
    return {
        str(group.label): [one.title for one in group.found] for group in response.context["groups"]
    }


def test_each_kind_is_found_by_whatever_one_knows_of_it(owner):
    product = make.product("Aceite de lavanda")
    variant = make.variant(product, sku="LAV-30-ML", option1="30 ml")
    customer = make.customer(
        name="Lucía Muñoz",
        email="lucia@correo.co",
        phone="+573109998877",
        document_number="900373076",
    )
    order = make.placed_order(variant, customer=customer)
    Order.objects.filter(pk=order.pk).update(
        name="Recibe Pedro", search=f"{order.number} recibe pedro +573201112233"
    )
    OrderShipment.objects.create(
        order=order, carrier="Uno", tracking_number="GUIA-77", shipped_at=order.placed_at
    )
    shown = f"#{order.number} · Recibe Pedro"

    for typed in ("lavánda", "LAV"):
        assert found(owner, typed)["Products"] == ["Aceite de lavanda"], typed
    assert found(owner, "lav-30")["Variants"] == ["LAV-30-ML"]
    for typed in (
        "lucia munoz",
        "LUCÍA",
        "lucia@correo",
        "310 999 88",
        customer.reference,
        "900373",
    ):
        assert found(owner, typed)["Customers"] == ["Lucía Muñoz"], typed
    for typed in (str(order.number), f"#{order.number}", "pedro", "320-111-2233", "guia-77"):
        assert found(owner, typed)["Orders"] == [shown], typed
    assert found(owner, "pay")["Pages"] == ["Ways to pay"]
    assert found(owner, "zzzz") == {}


@pytest.mark.parametrize(
    "typed", ["", " ", "%", "_", "\\", "a" * 3_000, "\x00", "#", "'; --", "😀"]
)
def test_strange_words_break_nothing_and_find_nothing(owner, typed):
    make.placed_order()
    make.customer(name="Ana")

    assert "Customers" not in found(owner, typed)
    assert "Orders" not in found(owner, typed)


def test_each_role_finds_only_what_it_may_see(organization):
    make.product("Ana de mesa")
    make.customer(name="Ana Gómez")
    order = make.placed_order()
    Order.objects.filter(pk=order.pk).update(search="ana gomez", name="Ana Gómez")

    groups = {
        role: set(found(client_of(role), "ana")) for role in ("owner", "warehouse", "support")
    }

    assert groups["owner"] == {"Clientes", "Pedidos", "Productos"}
    assert groups["warehouse"] == {"Pedidos", "Productos"}
    assert groups["support"] == {"Clientes", "Pedidos", "Productos"}
    warehouse = client_of("warehouse").get(FIND, {"q": "ana"}).content.decode()
    assert "pagos" not in warehouse.lower()
    assert str(order.total // 100) not in warehouse
    for role in ("warehouse", "support"):
        assert "Páginas" not in found(client_of(role), "organization")


def test_nothing_of_another_organization_is_found(owner):
    other = make.organization()
    with scope(organization=other):
        product = make.product("Ajeno")
        make.customer(name="Ajena")
        order = make.placed_order(product.variants.get())
        Order.objects.filter(pk=order.pk).update(search="ajena")
        sku = product.variants.get().sku

    assert found(owner, "ajen") == {}
    assert found(owner, sku) == {}


def test_what_is_common_and_what_is_old_are_both_found(owner, monkeypatch):
    monkeypatch.setattr("shop.admin.quick_find._LATEST", 3)
    old = make.customer(name="Antigua Muñoz")
    for number in range(4):
        make.customer(name=f"Nueva {number}")

    assert found(owner, "antigua") == {"Customers": [old.name]}
    assert found(owner, "nueva")["Customers"] == ["Nueva 3", "Nueva 2", "Nueva 1", "Nueva 0"]


def test_a_whole_address_finds_whose_it_is_and_nobody_else(owner):
    variant = make.product("Aceite").variants.get()
    make.customer(name="Ana Lucía", email="ana.lucia@correo.co")
    customer = make.customer(name="Lucía", email="lucia@correo.co")
    order = make.placed_order(variant, customer=customer)
    Order.objects.filter(pk=order.pk).update(name="Lucía", email=customer.email)

    for typed in ("lucia@correo.co", "Lucia@Correo.co"):
        assert found(owner, typed) == {
            "Orders": [f"#{order.number} · Lucía"],
            "Customers": ["Lucía"],
        }, typed
    assert found(owner, "lucia@correo")["Customers"] == ["Lucía", "Ana Lucía"]


def test_the_page_works_without_a_palette_and_leads_to_the_lists(owner):
    customer = make.customer(name="Ana")

    page = owner.get(FIND, {"q": "ana"}).content.decode()

    assert f'href="/admin/shop/customer/{customer.pk}/change/"' in page
    assert 'href="/admin/shop/customer/?q=ana"' in page
    assert 'name="q"' in page


def test_strangers_find_nothing(organization, client):
    assert client.get(FIND, {"q": "ana"}).status_code == 302
    client.force_login(make.user())
    assert client.get(FIND, {"q": "ana"}).status_code == 404
