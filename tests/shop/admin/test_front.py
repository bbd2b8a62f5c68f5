"""The home page, the menus and the banners, in the back-office."""

import pytest

from shop import front
from shop.models import Banner, Front, HomeBlock, MenuItem
from tests import make
from tests.shop.admin.back_office import change, client_of, errors_of, send

OVERVIEW = "/admin/shop/front/"


def test_a_block_is_added_moved_hidden_and_published(owner):
    owner.post(f"{OVERVIEW}empezar/")
    owner.post(f"{OVERVIEW}empezar/")
    assert HomeBlock.objects.count() == 6

    send(owner, "/admin/shop/homeblock/add/", kind="quote", title="Ana", text="Me encantó.")
    quote = HomeBlock.objects.get(kind="quote")
    step = f"/admin/shop/homeblock/{quote.pk}/paso/"
    owner.post(step, {"step": "up"})
    owner.post(
        f"/admin/shop/homeblock/{HomeBlock.objects.get(kind='trust').pk}/paso/", {"step": "hide"}
    )
    owner.post(f"{OVERVIEW}publicar/")

    kinds = [block["kind"] for block in Front.objects.get().published["blocks"]]
    assert kinds == ["hero", "categories", "products", "benefits", "products", "quote"]
    page = owner.get(OVERVIEW).content.decode()
    assert "Visitors see what was published" in page


def test_what_is_added_stands_last_also_where_others_were_deleted(owner):
    links = [make.menu_item(position=position) for position in range(3)]
    for link in links[:2]:
        link.delete()

    send(owner, "/admin/shop/menuitem/add/", kind="page", page="blog")

    assert front.in_order(links[2])[0].pk == links[2].pk


def test_chosen_products_are_kept_in_the_order_they_were_chosen(owner):
    products = [make.product() for _number in range(3)]
    keys = [str(products[place].pk) for place in (2, 0, 1)]

    send(
        owner,
        "/admin/shop/homeblock/add/",
        kind="products",
        source="chosen",
        products=keys,
        most="4",
    )

    block = HomeBlock.objects.get()
    links = HomeBlock.products.through.objects.filter(homeblock=block).order_by("id")
    assert [str(link.product_id) for link in links] == keys


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "//evil.example", "/\\evil.example", "data:text/html,x", 'a"b', "x"],
)
def test_an_address_that_leads_astray_is_refused(owner, address):
    response = send(owner, "/admin/shop/banner/add/", text="Hola", link_address=address)

    assert "link_address" in errors_of(response)
    assert not Banner.objects.exists()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"kind": "category"}, "category"),
        ({"kind": "address", "address": "/x/"}, "label"),
        ({"kind": "page", "page": "blog", "place": "footer", "parent": "above"}, "parent"),
        ({"kind": "page", "page": "nada"}, "page"),
    ],
)
def test_a_link_says_where_it_leads(owner, fields, wrong):
    above = make.menu_item()
    if "parent" in fields:
        fields = {**fields, "parent": str(above.pk)}

    response = send(owner, "/admin/shop/menuitem/add/", **fields)

    assert wrong in errors_of(response)
    assert MenuItem.objects.count() == 1


def test_a_link_with_links_below_it_cannot_stand_below_one(owner):
    first, second = make.menu_item(), make.menu_item()
    make.menu_item(parent=first)

    response = send(owner, change(first), parent=str(second.pk))

    assert "parent" in errors_of(response)


def test_who_only_looks_publishes_nothing(owner):
    viewer, banner = client_of("viewer"), make.banner()

    assert viewer.get(OVERVIEW).status_code == 200
    assert viewer.post(f"{OVERVIEW}publicar/").status_code == 403
    assert viewer.post(f"/admin/shop/banner/{banner.pk}/paso/", {"step": "hide"}).status_code == 403
    assert not Front.objects.exists()
    assert Banner.objects.get().is_active
