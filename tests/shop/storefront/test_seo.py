"""What search engines read."""

import json
import re
import xml.etree.ElementTree as ET
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from config.lib import memory
from shop import catalogue
from shop.models import Domain, Product, Variant
from shop.storefront import seo, sitemaps
from tests import make

pytestmark = pytest.mark.django_db
HOSTILE = "Aceite </script><script>alert(1)</script> & \u2028 <!-- \"' \\"


def graph(client, address):
    """Give the structured data of a page by type, as a browser's parser would cut it out."""
    page = client.get(address).content.decode()
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert len(blocks) == 1
    data = json.loads(blocks[0])
    assert data["@context"] == "https://schema.org"
    return {node["@type"]: node for node in data["@graph"]}


def addresses_in(answer):
    """Give address and time of each entry of a sitemap."""
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/xml")
    namespace = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    return [
        (entry.findtext(f"{namespace}loc"), entry.findtext(f"{namespace}lastmod"))
        for entry in ET.fromstring(answer.content)
    ]


def all_addresses(client, host="testserver"):
    """Follow the index to every part, and give all the paths."""
    found = []
    for part, _changed in addresses_in(client.get("/sitemap.xml", headers={"host": host})):
        path = part.removeprefix(f"http://{host}")
        found += [address for address, _ in addresses_in(client.get(path, headers={"host": host}))]
    return [address.removeprefix(f"http://{host}") for address in found]


def test_a_product_with_one_variant_is_one_offer(organization, client):
    shelf = make.category("Aceites", slug="aceites")
    product = make.product("Lavanda", slug="lavanda", category=shelf, price=2_490_050)

    node = graph(client, "/productos/lavanda/")["Product"]

    assert node["name"] == "Lavanda"
    assert node["url"] == "http://testserver/productos/lavanda/"
    assert node["brand"] == {"@type": "Brand", "name": organization.name}
    assert node["category"] == "Aceites"
    offer = node["offers"]
    assert offer["@type"] == "Offer"
    assert offer["price"] == "24900.50"
    assert offer["priceCurrency"] == "COP"
    assert offer["availability"] == "https://schema.org/InStock"
    assert offer["itemCondition"] == "https://schema.org/NewCondition"
    assert offer["sku"] == product.variants.get().sku
    assert offer["url"] == "http://testserver/productos/lavanda/"


def test_variants_are_offers_with_their_own_price_stock_and_address(organization, client):
    product = make.product("Lavanda", slug="lavanda", variants=0, option1_name="Tamaño")
    make.variant(product, sku="LAV 10", option1="10 ml", price=1_000_000)
    make.variant(product, sku="LAV-30", option1="30 ml", price=2_000_000, in_stock=0)

    offers = graph(client, "/productos/lavanda/")["Product"]["offers"]

    assert offers["@type"] == "AggregateOffer"
    assert (offers["lowPrice"], offers["highPrice"]) == ("10000.00", "20000.00")
    assert offers["offerCount"] == 2
    assert [(o["sku"], o["name"], o["price"], o["availability"]) for o in offers["offers"]] == [
        ("LAV 10", "10 ml", "10000.00", "https://schema.org/InStock"),
        ("LAV-30", "30 ml", "20000.00", "https://schema.org/OutOfStock"),
    ]
    assert offers["offers"][0]["url"] == "http://testserver/productos/lavanda/?variante=LAV%2010"


def test_hostile_names_cannot_leave_the_script(organization, client):
    make.product(HOSTILE, slug="lavanda", summary=HOSTILE)

    answer = client.get("/productos/lavanda/")

    assert b"<script>alert(1)" not in answer.content
    assert graph(client, "/productos/lavanda/")["Product"]["name"] == HOSTILE
    written = seo.script([{"name": HOSTILE}])
    assert not set("<>&\u2028") & set(written)


def test_breadcrumbs_lead_from_home_through_the_shelves(organization, client):
    above = make.category("Aceites", slug="aceites")
    shelf = make.category("Esenciales", slug="esenciales", parent=above)
    make.product("Lavanda", slug="lavanda", category=shelf)

    steps = graph(client, "/productos/lavanda/")["BreadcrumbList"]["itemListElement"]

    assert [step["position"] for step in steps] == [1, 2, 3, 4]
    assert [step.get("item") for step in steps] == [
        "http://testserver/",
        "http://testserver/categorias/aceites/",
        "http://testserver/categorias/esenciales/",
        None,
    ]
    assert steps[-1]["name"] == "Lavanda"


def test_the_home_page_describes_the_merchant_and_the_search(client, db):
    make.organization(
        host="testserver",
        name="Luna",
        legal_name="Luna SAS",
        tax_id="9",
        city="Cali",
        email="a@b.co",
    )

    nodes = graph(client, "/")

    shop = nodes["OnlineStore"]
    assert (shop["legalName"], shop["taxID"], shop["email"]) == ("Luna SAS", "9", "a@b.co")
    assert shop["address"]["addressLocality"] == "Cali"
    assert "telephone" not in shop
    target = nodes["WebSite"]["potentialAction"]["target"]["urlTemplate"]
    assert target == "http://testserver/buscar/?q={search_term_string}"


def test_every_page_names_its_address_on_the_primary_domain(organization, client):
    make.product("Lavanda", slug="lavanda")
    Domain.objects.create(
        organization=organization, host="otra.example", verified_at=timezone.now()
    )

    for path in ("/", "/productos/", "/productos/lavanda/", "/paginas/envios/"):
        for host in ("testserver", "otra.example"):
            page = client.get(path, headers={"host": host}).content.decode()
            assert f'<link rel="canonical" href="http://testserver{path}">' in page
            assert f'<meta property="og:url" content="http://testserver{path}">' in page


def test_the_port_of_a_local_run_stays_in_the_address(organization, client):
    page = client.get("/", headers={"host": "testserver:8000"}).content.decode()

    assert '<link rel="canonical" href="http://testserver:8000/">' in page


def test_an_unverified_primary_domain_is_never_shown(organization, client):
    Domain.objects.filter(organization=organization).update(is_primary=False)
    Domain.objects.create(organization=organization, host="ajeno.example", is_primary=True)

    assert "ajeno.example" not in client.get("/").content.decode()


@pytest.mark.parametrize("path", ["/", "/paginas/envios/", "/productos/lavanda/"])
def test_shared_links_have_a_picture_with_a_whole_address(organization, client, path):
    make.product("Lavanda", slug="lavanda")

    page = client.get(path).content.decode()

    [picture] = re.findall(r'<meta property="og:image" content="([^"]+)">', page)
    assert picture.startswith("http://testserver/iconos/512.png?v=")


def test_each_visible_product_is_in_the_sitemap_once(organization, client, monkeypatch):
    monkeypatch.setattr(sitemaps, "PART_SIZE", 3)
    now = timezone.now()
    visible = [make.product().slug for _ in range(8)]
    hidden = [
        make.product(is_active=False),
        make.product(published_at=now + timedelta(days=1)),
        make.product(published_at=now - timedelta(days=2), withdrawn_at=now - timedelta(days=1)),
        make.product(variants=0),
    ]

    found = all_addresses(client)

    assert sorted(a for a in found if a.startswith("/productos/p")) == sorted(
        f"/productos/{slug}/" for slug in visible
    )
    for product in hidden:
        assert f"/productos/{product.slug}/" not in found
    assert len(found) == len(set(found))
    for address in found:
        assert client.get(address).status_code == 200, address


def test_the_sitemap_has_the_listed_shelves_and_the_pages(organization, client):
    make.category(slug="aceites")
    make.category(slug="secreta", is_listed=False)

    found = all_addresses(client)

    assert found == [
        "/",
        "/productos/",
        "/categorias/aceites/",
        "/paginas/nosotros/",
        "/paginas/envios/",
        "/paginas/cambios/",
        "/paginas/datos/",
        "/paginas/terminos/",
    ]


def test_two_shops_never_share_a_sitemap(organization, client):
    make.product(slug="nuestro")
    other = make.organization(host="otra.localhost")
    with scope(organization=other):
        foreign = make.product(slug="ajeno")

    assert "/productos/ajeno/" not in all_addresses(client)
    assert "/productos/nuestro/" not in all_addresses(client, host="otra.localhost")
    # Not even by naming a part of the other shop.
    part = client.get(sitemaps.part_path(foreign.pk))
    assert "ajeno" not in part.content.decode()


def test_lastmod_is_the_last_change_of_the_product_or_of_a_variant(organization, client):
    product = make.product()
    early, late = timezone.now() - timedelta(days=9), timezone.now() - timedelta(days=3)
    Product.objects.filter(pk=product.pk).update(published_at=early, changed_at=early)
    Variant.objects.filter(product=product).update(changed_at=late)

    part = addresses_in(client.get(sitemaps.part_path(product.pk)))
    [_pages, _blog, indexed] = addresses_in(client.get("/sitemap.xml"))

    [(address, changed_at)] = part
    assert address == f"http://testserver/productos/{product.slug}/"
    changed = [datetime.fromisoformat(moment) for moment in (changed_at, indexed[1])]
    assert changed == [late.replace(microsecond=0)] * 2


def test_a_part_costs_the_same_whatever_its_rows(organization, client, django_assert_num_queries):
    first = make.product()
    queries = 4

    def part():
        memory.clear_all()
        return client.get(sitemaps.part_path(first.pk))

    with django_assert_num_queries(queries):
        part()
    for _ in range(3):
        make.product(variants=2)
    with django_assert_num_queries(queries):
        assert len(addresses_in(part())) == 4


def test_robots_stay_away_from_a_shop_in_test_mode(organization, client):
    assert client.get("/robots.txt").content.decode() == "User-agent: *\nDisallow: /\n"


def test_robots_of_a_live_shop_find_the_sitemap_and_leave_people_alone(db):
    make.organization(host="testserver", is_live=True)

    lines = Client().get("/robots.txt").content.decode().splitlines()

    assert "Sitemap: http://testserver/sitemap.xml" in lines
    for path in ("/cuenta/", "/admin/", "/api/", "/buscar/", "/*?orden=", "/*&orden="):
        assert f"Disallow: {path}" in lines
    assert "Disallow: /" not in lines


def test_returns_are_promised_only_where_they_are_given(organization, client):
    make.product(slug="si")
    make.product(slug="no", no_withdrawal_reason="Producto de uso personal")

    yes = graph(client, "/productos/si/")["Product"]["offers"]["hasMerchantReturnPolicy"]
    no = graph(client, "/productos/no/")["Product"]["offers"]["hasMerchantReturnPolicy"]

    assert yes["merchantReturnDays"] == 5
    assert yes["returnFees"] == "https://schema.org/ReturnFeesCustomerResponsibility"
    assert no["returnPolicyCategory"] == "https://schema.org/MerchantReturnNotPermitted"


def test_refreshing_a_list_is_no_change_of_the_page(organization):
    product = make.product()
    before = Product.objects.get(pk=product.pk).changed_at

    catalogue.refresh([product.pk])

    assert Product.objects.get(pk=product.pk).changed_at == before
