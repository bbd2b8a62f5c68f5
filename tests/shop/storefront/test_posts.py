"""The blog and the rituals, as visitors meet them."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.utils import timezone

from config.lib import memory
from orders.models import CartLine
from shop import page_cache, previews
from shop.models import Post, Variant
from shop.storefront import post_page, posts
from tests import make

pytestmark = pytest.mark.django_db
LISTS = ("/blog/", "/blog/rss.xml", "/sitemap-blog.xml", "/buscar/?q=lavanda")


def text(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


@pytest.mark.parametrize("address", LISTS)
def test_an_article_appears_at_its_minute_and_not_before(organization, client, address):
    subject = make.post_category(slug="aceites")
    make.product("Jabón de lavanda")
    article = make.post(
        "La lavanda", slug="la-lavanda", category=subject, published_at=timezone.now()
    )
    Post.objects.update(published_at=timezone.now() + timedelta(minutes=1))
    pages = (address, "/blog/categoria/aceites/")

    before = [text(client, page) for page in pages]
    closed = client.get("/blog/la-lavanda/").status_code
    Post.objects.update(published_at=timezone.now())
    page_cache.raise_version(organization.pk)

    assert not any("la-lavanda" in page for page in before)
    assert closed == 404
    assert all("la-lavanda" in text(client, page) for page in pages)
    assert "La lavanda" in text(client, f"/blog/{article.slug}/")


def test_a_list_decides_by_the_minute_it_is_given(organization):
    now = timezone.now()
    make.post("Uno", published_at=now)

    assert posts.newest("article", now=now - timedelta(microseconds=1), most=9) == []
    assert [row["title"] for row in posts.newest("article", now=now, most=9)] == ["Uno"]


def test_a_kept_page_ends_with_its_minute_so_that_a_planned_article_appears(
    organization, client, monkeypatch
):
    page_cache.raise_version(organization.pk)
    article = make.post("La lavanda", published_at=timezone.now() + timedelta(minutes=1))
    clock = page_cache.time.time()
    monkeypatch.setattr(page_cache.time, "time", lambda: clock)
    assert "La lavanda" not in text(client, "/blog/")
    # The minute comes; nobody saved anything, so nothing raised the version.
    Post.objects.filter(pk=article.pk).update(published_at=timezone.now())
    assert "La lavanda" not in text(client, "/blog/"), "the page was not kept"

    monkeypatch.setattr(page_cache.time, "time", lambda: clock + 60)

    assert "La lavanda" in text(client, "/blog/")


def test_drafts_are_seen_by_nobody_but_who_has_the_link(organization, client):
    draft = make.post("Secreto", slug="secreto", status="draft")
    other = make.organization()

    link = previews.token(organization, previews.POST, draft.pk)

    assert client.get("/blog/secreto/").status_code == 404
    assert not any("Secreto" in text(client, address) for address in LISTS)
    answer = client.get(f"/vista-previa/{link}/")
    assert "Secreto" in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert client.get(f"/vista-previa/{link}x/").status_code == 404
    assert client.get(f"/vista-previa/{draft.pk.hex}/").status_code == 404
    foreign = previews.token(other, previews.POST, draft.pk)
    assert client.get(f"/vista-previa/{foreign}/").status_code == 404


def test_a_text_sells_at_the_price_of_the_catalogue(organization, client):
    product = make.product("Aceite de menta", slug="menta", price=1_000_000, variants=2)
    make.post("Menta", slug="de-menta", body="Prueba:\n\n[[product:menta]]\n\nY [[product:menta]].")

    Variant.objects.filter(product=product).update(price=2_550_000)
    page = text(client, "/blog/de-menta/")

    assert page.count('action="/carrito/agregar/"') == 1
    assert "$\u00a025.500" in page
    assert 'Y <a href="/productos/menta/">Aceite de menta</a>.' in page


def test_what_is_not_sold_leaves_no_trace_in_a_text(organization, client):
    make.product("Oculto", slug="oculto", is_active=False)
    make.post(
        "Menta", slug="de-menta", body="Uno.\n\n[[product:oculto]]\n\n[[product:nada]]\n\nDos."
    )

    page = text(client, "/blog/de-menta/")

    assert "Oculto" not in page
    assert "[[" not in page
    assert "<p>Uno.</p>" in page


def test_what_is_sold_out_is_shown_and_not_sold(organization, client):
    make.product("Agotado", slug="agotado", in_stock=0)
    make.post("Menta", slug="de-menta", body="[[product:agotado]]")

    page = text(client, "/blog/de-menta/")

    assert "buy-card is-out" in page
    assert "buy-card-stock" in page
    assert 'class="button" type="submit"' not in page


class _Harm(HTMLParser):
    """Collects what a page of ours never holds: code of its own, and frames."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        is_data = str(attrs.get("type")).endswith("json")
        if tag in ("iframe", "object", "style") or (
            tag == "script" and "src" not in attrs and not is_data
        ):
            self.found.append(tag)
        for name, value in attrs.items():
            address = re.sub(r"\s", "", value or "").lower()
            is_address = name in ("href", "src", "action", "formaction")
            is_code = is_address and (
                address.startswith(("javascript:", "data:", "vbscript:")) or "<" in address
            )
            if is_code or name.startswith("on") or name == "style" or "[[" in address:
                self.found.append(f"{tag} {name}")


def harm_in(page: str) -> list[str]:
    parser = _Harm()
    parser.feed(page)
    return parser.found


HOSTILE = [
    "<script>alert(1)</script>",
    '<p onclick="alert(1)">x</p><img src=x onerror=alert(1)>',
    '<p>x</p><a href="javascript:alert(1)">x</a>',
    "[x](javascript:alert)",
    "[x](JaVaScRiPt:alert)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    '<p>x</p><a href="[[product:menta]]">x</a>',
    "<p>x</p><svg onload=alert(1)><style>*{}</style><iframe src=//evil.example></iframe>",
    '[[product:menta/"><script>alert(1)</script>]]',
    "[[picture:-1]] [[picture:1']]\n\n[[picture:9999999]]",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_does_nothing(organization, client, hostile):
    name = "<script>alert(2)</script>\"'&"
    make.product(name, slug="menta", summary=name)
    make.post(
        name, slug="malo", body=f"{hostile}\n\n[[product:menta]]", summary=name, author=name,
        tags=[name], kind="ritual", steps=hostile,
    )  # fmt: skip

    for address in ("/rituales/malo/", "/rituales/", "/buscar/?q=script"):
        assert harm_in(text(client, address)) == [], address
    assert "<script>" not in text(client, "/blog/rss.xml")
    assert "x" in text(client, "/rituales/malo/")


def test_harm_would_be_seen():
    page = '<a href=" JaVascript:x">x</a><p onclick=x>x</p><script>x</script><iframe></iframe>'

    assert harm_in(page) == ["a href", "p onclick", "script", "iframe"]


def test_a_ritual_puts_its_variants_in_the_cart(organization, client):
    oil = make.product("Aceite", variants=3)
    chosen = oil.variants.order_by("position")[1]
    soap, gone = make.variant(), make.variant(in_stock=0)
    make.post("Calma", slug="calma", items=[(chosen, 2), soap, gone], steps="Uno\nDos")

    page = text(client, "/rituales/calma/")
    sent = {
        "variant": [
            value
            for value in (f"2 {chosen.sku}", f"1 {soap.sku}", f"1 {gone.sku}")
            if f'value="{value}" checked' in page
        ]
    }
    answer = client.post(
        "/carrito/agregar-varios/", sent, headers={"Sec-Fetch-Site": "same-origin"}
    )

    assert answer.headers["location"] == "/carrito/"
    lines = dict(CartLine.objects.values_list("variant__sku", "quantity"))
    assert lines == {chosen.sku: 2, soap.sku: 1}


@pytest.mark.parametrize("sent", [[], ["0 SKU"], ["x SKU"], ["1"], ["1 no-existe"], ["1 a\x00b"]])
def test_a_form_that_makes_no_sense_puts_nothing_in_the_cart(organization, client, sent):
    headers = {"Sec-Fetch-Site": "same-origin", "X-Fragment": "1"}

    answer = client.post("/carrito/agregar-varios/", {"variant": sent}, headers=headers)

    assert answer.status_code == 409
    assert not CartLine.objects.exists()


def test_what_is_sold_out_meanwhile_leaves_the_rest_in_the_cart(organization, client):
    oil, gone = make.variant(), make.variant(in_stock=0)
    headers = {"Sec-Fetch-Site": "same-origin", "X-Fragment": "1"}
    sent = {"variant": [f"1 {gone.sku}", f"99 {oil.sku}"]}

    answer = client.post("/carrito/agregar-varios/", sent, headers=headers)

    assert answer.status_code == 200
    assert dict(CartLine.objects.values_list("variant__sku", "quantity")) == {oil.sku: 10}
    assert "is-less" in answer.content.decode()


def test_a_list_is_turned_by_key(organization, client):
    now = timezone.now()
    for number in range(14):
        make.post(f"Nota número {number:02}", published_at=now - timedelta(hours=1))

    first = text(client, "/blog/")
    cursor = first.partition("?desde=")[2].partition('"')[0]
    second = text(client, f"/blog/?desde={cursor}")

    titles = {f"Nota número {number:02}" for number in range(14)}
    seen = [{title for title in titles if title in page} for page in (first, second)]
    assert [len(found) for found in seen] == [12, 2]
    assert seen[0] | seen[1] == titles
    for strange in ("x", "A" * 700, "WyIyMDI2IiwgIngiLCAwXQ"):
        assert client.get(f"/blog/?desde={strange}").status_code == 200


def test_a_page_costs_the_same_queries_whatever_it_holds(organization, django_assert_num_queries):
    def rich(number):
        products = [make.product(f"Cosa {number} {place}", variants=2) for place in range(number)]
        body = "\n\n".join(f"[[product:{product.slug}]]" for product in products)
        items = [product.variants.first() for product in products]
        return make.post(f"Con {number}", items=items, body=body, tags=["uno", "dos"])

    for post in (rich(1), rich(3)):
        memory.clear_all()
        post = Post.objects.select_related("category").get(pk=post.pk)
        with django_assert_num_queries(7):
            post_page.context(organization, post, now=timezone.now())
            post_page.neighbours(post, now=timezone.now())


def test_search_engines_read_what_it_is(organization, client):
    variant = make.product("Aceite de menta").variants.get()
    make.post(
        "Baño", slug="bano", items=[variant], steps="Llena\nEntra", minutes=20, tags=["Sueño"]
    )
    make.post("Menta", slug="de-menta", author="Lucía", tags=["Sueño"])

    ritual, article = text(client, "/rituales/bano/"), text(client, "/blog/de-menta/")

    assert '"@type":"HowTo"' in ritual
    assert '"totalTime":"PT20M"' in ritual
    assert '"@type":"HowToStep","position":2,"text":"Entra"' in ritual
    assert '"@type":"BlogPosting"' in article
    assert '"author":{"@type":"Person","name":"Lucía"}' in article
    assert '"@type":"BreadcrumbList"' in article
    for address in ("/blog/etiqueta/sueno/", "/sitemap-blog.xml"):
        page = text(client, address)
        assert "/rituales/bano/" in page
        assert "/blog/de-menta/" in page
    assert client.get("/blog/bano/").status_code == 404
