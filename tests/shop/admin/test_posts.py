"""Articles and rituals, in the back-office."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_scopes import scope

from shop.models import AuditEntry, Post, PostItem
from tests import make
from tests.shop.admin.back_office import change, client_of, errors_of, send


def test_a_ritual_is_written_with_its_products_and_found_in_the_shop(owner, client):
    variant = make.variant(sku="MENTA-10")

    send(
        owner,
        "/admin/shop/post/add/",
        kind="ritual",
        status="published",
        title="Baño de menta",
        body="Con calma.\n\n[[product:x]]",
        tags="Sueño, Calma",
        steps="Llena la tina\nEntra",
        published_at_0="2026-01-02",
        published_at_1="08:00:00",
        items__TOTAL_FORMS="1",
        items__0__sku="MENTA-10",
        items__0__quantity="2",
    )

    post = Post.objects.get()
    assert (post.slug, post.tag_slugs) == ("bano-de-menta", ["sueno", "calma"])
    assert list(PostItem.objects.values_list("variant", "quantity")) == [(variant.pk, 2)]
    assert "Baño de menta" in client.get("/buscar/?q=menta").content.decode()
    assert AuditEntry.objects.filter(model="post", action="added").exists()


def test_what_is_pasted_is_kept_without_harm(owner):
    post = make.post()
    pasted = '<h2 style="x">Uno</h2><p onclick="x">Dos <b>tres</b><script>alert(1)</script></p>'

    send(owner, change(post), body=pasted)

    post.refresh_from_db()
    assert post.body == "<h2>Uno</h2><p>Dos <b>tres</b></p>"


@pytest.mark.parametrize("sku", ["NADA", "AJENO"])
def test_a_product_that_is_not_here_is_refused(owner, sku):
    other = make.organization()
    with scope(organization=other):
        make.variant(sku="AJENO")
    post = make.post()

    response = send(
        owner,
        change(post),
        items__TOTAL_FORMS="1",
        items__0__sku=sku,
        items__0__quantity="1",
        items__0__post=str(post.pk),
    )

    assert errors_of(response) == {"items-0-sku": ["No product has this SKU."]}


def test_a_preview_shows_what_is_typed_and_keeps_nothing(owner):
    post = make.post("Viejo", status="draft", slug="viejo")
    address = f"/admin/shop/post/vista-previa/?id={post.pk}"

    answer = owner.post(address, {"title": "Nuevo", "body": "**Fuerte**", "kind": "article"})

    page = answer.content.decode()
    assert "<h1>Nuevo</h1>" in page
    assert "<strong>Fuerte</strong>" in page
    post.refresh_from_db()
    assert post.title == "Viejo"
    assert client_of("viewer").post(address, {"title": "Nuevo"}).status_code == 403


def test_the_link_to_a_draft_stands_on_its_page(owner, client):
    post = make.post("Borrador", status="draft")

    page = owner.get(change(post)).content.decode()
    link = page.partition('href="/vista-previa/')[2].partition('"')[0]

    assert "Borrador" in client.get(f"/vista-previa/{link}").content.decode()


def test_a_planned_text_is_listed_as_planned(owner):
    make.post(published_at=timezone.now() + timedelta(days=2))

    assert "Planned for" in owner.get("/admin/shop/post/").content.decode()


def test_products_are_found_by_name_and_sku(owner):
    make.product("Aceite de menta", variants=2)
    make.variant(sku="XYZ-1")

    def found(typed):
        answer = owner.get("/admin/shop/post/buscar/", {"q": typed})
        return [(item["name"], item["label"]) for item in answer.json()["found"]]

    assert found("menta") == [("Aceite de menta", "10 ml"), ("Aceite de menta", "20 ml")]
    assert len(found("xyz")) == 1
    assert found("\x00") == []
