"""Menus, banners and the home page: worked on in peace, published at once."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from django_scopes import scope
from PIL import Image

from config.lib import memory
from shop import front, page_cache, pictures, previews
from shop.models import Front, HomeBlock
from shop.storefront import home_page, surroundings
from tests import make

pytestmark = pytest.mark.django_db


def seen(client, organization, address="/") -> str:
    """Give a page as a visitor sees it now, whatever was kept before."""
    memory.clear_all()
    page_cache.raise_version(organization.pk)
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def publish(organization, now=None):
    return front.publish(organization, now=now or timezone.now())


def test_who_edited_nothing_keeps_the_home_page_of_today(organization, client):
    make.product("Aceite", category=make.category("Aceites"), is_featured=True)
    usual = seen(client, organization)

    front.start(organization)
    publish(organization)

    assert HomeBlock.objects.count() == len(front.USUAL_BLOCKS)
    assert seen(client, organization) == usual
    assert usual.count("<h1") == 1


def test_without_a_menu_of_its_own_a_shop_leads_to_what_it_has_to_read(organization, client):
    blog, rituals = 'href="/blog/"', 'href="/rituales/"'
    make.post(published_at=timezone.now() + timedelta(days=1))
    nothing_yet = seen(client, organization)
    make.post()
    read = seen(client, organization)
    make.menu_item("/productos/", place="header")
    make.menu_item("/productos/", place="footer")
    publish(organization)
    chosen = seen(client, organization)

    assert blog not in nothing_yet
    assert (blog in read, rituals in read) == (True, False)
    assert blog not in chosen


def test_nothing_is_public_before_it_is_published(organization, client):
    make.home_block("text", title="Bloque nuevo", text="Palabras")
    make.banner("Aviso nuevo")
    make.menu_item(label="Enlace nuevo")
    link = previews.token(organization, previews.FRONT, organization.pk)

    before = seen(client, organization)
    preview = client.get(f"/vista-previa/inicio/{link}/")
    publish(organization)
    after = seen(client, organization)

    for words in ("Bloque nuevo", "Aviso nuevo", "Enlace nuevo"):
        assert words not in before
        assert words in preview.content.decode()
        assert words in after
    assert "no-store" in preview.headers["Cache-Control"]
    assert client.get(f"/vista-previa/inicio/{link}x/").status_code == 404


def test_what_is_changed_or_deleted_stays_public_until_it_is_published(organization, client):
    block, banner = make.home_block(title="Antes", text="x"), make.banner("Se queda")
    publish(organization)

    HomeBlock.objects.filter(pk=block.pk).update(title="Después")
    banner.delete()

    assert "Antes" in seen(client, organization)
    assert "Se queda" in seen(client, organization)
    assert front.has_changes(organization)
    publish(organization)
    page = seen(client, organization)
    assert "Después" in page
    assert "Se queda" not in page
    assert not front.has_changes(organization)


def test_a_link_to_a_preview_opens_one_shop_only(organization, client):
    other = make.organization()
    foreign = previews.token(other, previews.FRONT, other.pk)
    of_a_post = previews.token(organization, previews.POST, organization.pk)

    for token in (foreign, of_a_post, organization.pk.hex):
        assert client.get(f"/vista-previa/inicio/{token}/").status_code == 404


def test_a_banner_is_shown_from_its_start_until_its_end(organization):
    start = timezone.now().replace(microsecond=0)
    end = start + timedelta(hours=1)
    make.banner("Solo hoy", starts_at=start, ends_at=end)
    shown = publish(organization).published

    def is_shown(now):
        return "Solo hoy" in surroundings.banners(shown, "top", now=now)

    tick = timedelta(microseconds=1)
    assert [is_shown(at) for at in (start - tick, start, end - tick, end)] == [
        False,
        True,
        True,
        False,
    ]


def test_a_banner_of_a_category_stands_there_alone(organization, client):
    oils, soaps = make.category(slug="aceites"), make.category(slug="jabones")
    make.banner("Aceites a mitad", place="category", category=oils)
    publish(organization)

    assert "Aceites a mitad" in seen(client, organization, "/categorias/aceites/")
    assert "Aceites a mitad" not in seen(client, organization, f"/categorias/{soaps.slug}/")
    assert "Aceites a mitad" not in seen(client, organization, "/productos/")


def test_a_menu_leads_only_where_one_can_go(organization):
    shelf = make.category("Aceites")
    hidden = make.category("Oculta", is_listed=False)
    product, gone = make.product("Jabón"), make.product("Viejo", is_active=False)
    ritual, draft = make.post("Calma", items=[make.variant()]), make.post("Nada", status="draft")
    top = make.menu_item(kind="category", category=shelf, label=" ".strip(), address="")
    make.menu_item(kind="category", category=hidden, address="")
    for target in (product, gone):
        make.menu_item(kind="product", product=target, parent=top, address="")
    for target in (ritual, draft):
        make.menu_item(kind="post", post=target, parent=top, address="")
    make.menu_item(kind="page", page="rituales", address="")
    shown = publish(organization).published

    links = surroundings.menu(organization, shown, "header", now=timezone.now())

    assert [link["url"] for link in links] == [f"/categorias/{shelf.slug}/", "/rituales/"]
    assert [link["url"] for link in links[0]["children"]] == [
        f"/productos/{product.slug}/",
        f"/rituales/{ritual.slug}/",
    ]


def test_chosen_products_come_in_their_order_and_only_those_that_are_sold(organization):
    products = [make.product(f"Producto {letter}") for letter in "ABC"]
    gone = make.product("Producto Z", is_active=False)
    block = make.home_block("products", source="chosen", most=9)
    for product in (products[2], gone, products[0]):
        block.products.add(product)
    shown = publish(organization).published

    [part] = home_page.context(organization, shown, now=timezone.now())["blocks"]

    names = [name for name in ("Producto A", "Producto B", "Producto C", "Producto Z")
             if name in part["cards"]]  # fmt: skip
    assert names == ["Producto A", "Producto C"]
    assert part["cards"].index("Producto C") < part["cards"].index("Producto A")


def test_a_page_needs_no_query_more_for_what_was_published(
    organization, client, django_assert_max_num_queries
):
    make.product("Aceite", slug="aceite")

    def cost(address):
        memory.clear_all()
        page_cache.raise_version(organization.pk)
        with django_assert_max_num_queries(9) as queries:
            client.get(address)
        return len(queries)

    before = cost("/productos/aceite/")
    make.banner()
    make.menu_item()
    publish(organization)

    assert cost("/productos/aceite/") == before


def test_hostile_words_do_nothing(organization, client):
    hostile = "<script>alert(1)</script>\"'"
    make.banner(hostile, link_label=hostile, link_address="/productos/")
    make.menu_item(label=hostile)
    make.home_block("text", title=hostile, text=hostile + "<p onclick=x>y</p>")
    make.home_block("quote", title=hostile, text=hostile)
    publish(organization)

    page = seen(client, organization)

    assert "<script>alert" not in page
    assert "onclick=x" not in page


def test_a_picture_stays_as_long_as_visitors_see_it(
    organization, django_capture_on_commit_callbacks
):
    picture = pictures.save(Image.new("RGB", (40, 40)), organization)
    file = f"{picture['key']}/{picture['widths'][0]}.webp"
    block = make.home_block(picture=picture, text="x")

    with django_capture_on_commit_callbacks(execute=True):
        publish(organization)
        publish(organization)
        HomeBlock.objects.filter(pk=block.pk).update(picture=None)
        front.release(organization, picture)
    assert default_storage.exists(file)
    with django_capture_on_commit_callbacks(execute=True):
        publish(organization)

    assert not default_storage.exists(file)


def test_two_shops_publish_apart(organization):
    make.banner("Nuestro")
    other = make.organization()
    with scope(organization=other):
        make.banner("Suyo")
        front.publish(other, now=timezone.now())

    publish(organization)

    written = [row["text"] for row in Front.objects.get().published["banners"]]
    assert written == ["Nuestro"]
