import pytest

from shop import catalogue, stock
from shop.models import Product, StockMovement
from tests import make


def test_a_list_shows_the_lowest_price_of_the_active_variants(organization):
    product = make.product(variants=0)
    cheap = make.variant(product, price=1_000_000, compare_at_price=1_500_000, option1="10 ml")
    make.variant(product, price=2_000_000, option1="30 ml")

    product.refresh_from_db()
    assert product.listing_price == 1_000_000
    assert product.listing_compare_at_price == 1_500_000
    assert product.has_several_prices is True

    catalogue.retire_variant(cheap)

    product.refresh_from_db()
    assert product.listing_price == 2_000_000
    assert product.listing_compare_at_price is None
    assert product.has_several_prices is False


def test_an_old_price_that_was_not_higher_is_no_offer(organization):
    product = make.product(price=1_000_000, compare_at_price=1_000_000)

    assert product.listing_compare_at_price is None


def test_a_product_without_stock_is_listed_as_not_available(organization):
    product = make.product(in_stock=1)
    variant = product.variants.get()
    assert product.is_available is True

    stock.move(variant, -1, reason=StockMovement.Reason.DAMAGED)

    assert Product.objects.get(pk=product.pk).is_available is False


def test_a_variant_with_history_is_retired_and_not_deleted(organization):
    variant = make.variant(in_stock=3)

    with pytest.raises(catalogue.StillUsed, match=variant.sku):
        catalogue.remove_variant(variant)

    assert type(variant).objects.filter(pk=variant.pk).exists()


def test_proposed_addresses_and_skus_never_clash(organization):
    first = make.product("Jabón de avena", slug="jabon-de-avena")
    second = make.product("Jabón de avena")

    assert catalogue.propose_slug(second) == "jabon-de-avena-2"
    variant = first.variants.get()
    variant.sku = catalogue.propose_sku(variant)
    variant.save()
    other = second.variants.get()
    assert catalogue.propose_sku(other) == f"{variant.sku}-2"


def test_a_list_that_a_killed_process_left_wrong_is_healed(organization):
    sold_out, right = make.product(in_stock=0), make.product(in_stock=10)
    Product.objects.filter(pk=sold_out.pk).update(is_available=True)

    assert catalogue.heal_listing(organization) == 1
    assert catalogue.heal_listing(organization) == 0

    sold_out.refresh_from_db()
    right.refresh_from_db()
    assert (sold_out.is_available, right.is_available) == (False, True)
