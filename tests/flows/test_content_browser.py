"""People who read: an article that appears, a ritual that is bought, an announcement closed."""

from datetime import timedelta

from django.utils import timezone

from orders.models import CartLine
from shop import front, page_cache
from shop.models import Post
from tests import make
from tests.flows.conftest import PHONE


def test_a_planned_article_appears_and_a_ritual_is_bought_on_a_phone(shop, visit):
    oil = make.product("Aceite de lavanda", slug="lavanda", variants=2)
    chosen = oil.variants.order_by("position")[1]
    salt = make.product("Sales de baño", slug="sales").variants.get()
    planned = make.post("La lavanda", slug="la-lavanda", body="Huele bien.\n\n[[product:lavanda]]")
    Post.objects.update(published_at=timezone.now() + timedelta(hours=1))
    ritual = make.post("Baño", slug="bano", items=[(chosen, 2), salt], steps="Llena\nEntra")
    make.banner("Envío gratis", is_dismissible=True)
    front.publish(shop, now=timezone.now())
    reader = visit(PHONE)

    page = reader.open("/blog/")
    assert page.get_by_text("La lavanda").count() == 0
    Post.objects.filter(pk=planned.pk).update(published_at=timezone.now())
    page_cache.raise_version(shop.pk)
    page = reader.open("/blog/")
    page.get_by_role("link", name="La lavanda").click()
    page.locator(".buy-card select").select_option(chosen.sku)
    page.locator(".buy-card button").click()
    page.locator("[data-added] [data-close]").click()

    reader.open(f"/rituales/{ritual.slug}/")
    page.locator(f'input[value="1 {salt.sku}"]').uncheck()
    page.locator(".ritual-needs button").click()
    page.locator("[data-added] .button").first.click()
    page.wait_for_url("**/carrito/")

    assert dict(CartLine.objects.values_list("variant__sku", "quantity")) == {chosen.sku: 3}
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.locator("[data-close-banner]").click()
    assert reader.open("/rituales/").get_by_text("Envío gratis").count() == 0
    assert reader.errors == []
