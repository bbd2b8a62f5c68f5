"""Prices typed in the list: shown before they count, then written, and never over each other."""

import pytest

from shop.models import AuditEntry, Product, Variant
from tests import make
from tests.shop.admin.back_office import change, client_of, send, typed_in

LIST = "/admin/shop/variant/"


def typed(client, *variants, **columns) -> dict:
    """Give what the list would send with these columns typed for the rows of these variants."""
    data = typed_in(client, LIST)
    rows = {data[name][0]: name.removesuffix("-id") for name in data if name.endswith("-id")}
    for variant in variants:
        for column, value in columns.items():
            data[f"{rows[str(variant.pk)]}-{column}"] = value
    return {**data, "_save": "Save"}


def hidden(response) -> dict:
    """Give what the page before the change would send."""
    data = {"_save": "1", "confirmed": "1"}
    for name, value in response.context["sent"]:
        data.setdefault(name, [])
        data[name] = [*data[name], value]
    return data


def test_typed_prices_are_shown_first_and_written_once_they_are_confirmed(owner):
    first, second = make.variant(price=1_000_000), make.variant(price=2_000_000)
    kept = make.variant(price=3_000_000)

    shown = owner.post(LIST, typed(owner, first, second, price="15.000", compare_at_price="20000"))

    lines = {line.variant.pk: line for line in shown.context["lines"]}
    assert set(lines) == {first.pk, second.pk}
    assert (lines[first.pk].percent, lines[second.pk].percent) == (50, -25)
    assert shown.context["largest"].variant == first
    assert lines[first.pk].is_large
    assert not lines[second.pk].is_large
    assert Variant.objects.filter(price=1_500_000).count() == 0

    owner.post(LIST, hidden(shown))

    written = Variant.objects.filter(price=1_500_000, compare_at_price=2_000_000)
    assert set(written) == {first, second}
    assert Variant.objects.get(pk=kept.pk).price == 3_000_000
    assert Product.objects.get(variants=first).listing_price == 1_500_000
    entries = {entry.row_id: entry.changes["price"] for entry in AuditEntry.objects.all()}
    assert entries == {
        str(first.pk): [1_000_000, 1_500_000],
        str(second.pk): [2_000_000, 1_500_000],
    }


def test_the_later_of_two_editors_is_told_in_the_list_and_decides(owner):
    variant = make.variant(price=1_000_000)
    ana = client_of("manager", name="Ana")
    shown = owner.post(LIST, typed(owner, variant, price="11.000"))
    hers = ana.post(LIST, typed(ana, variant, price="12.000"))
    ana.post(LIST, hidden(hers))

    refused = owner.post(LIST, hidden(shown))

    assert Variant.objects.get().price == 1_200_000
    [line] = refused.context["lines"]
    assert "Ana changed this from “10.000” to “12.000”" in str(line.form.errors["price"])
    again = owner.post(LIST, {**hidden(refused), "initial-form-0-price": "12.000"})
    assert again.status_code == 302
    assert Variant.objects.get().price == 1_100_000


def test_what_somebody_changed_in_another_row_is_not_written_back(owner):
    mine, other = make.variant(price=1_000_000), make.variant(price=1_000_000)
    data = typed(owner, mine, price="11.000")
    send(client_of("manager"), change(other), price="50.000")

    owner.post(LIST, hidden(owner.post(LIST, data)))

    assert [Variant.objects.get(pk=one.pk).price for one in (mine, other)] == [1_100_000, 5_000_000]


@pytest.mark.parametrize("price", ["-5", "abc", "10.00"])
def test_a_price_that_makes_no_sense_is_refused_beside_its_field(owner, price):
    variant = make.variant(price=1_000_000)

    refused = owner.post(LIST, typed(owner, variant, price=price))

    assert list(refused.context["lines"][0].form.errors) == ["price"]
    assert f'value="{price}"' in refused.content.decode()
    assert Variant.objects.get().price == 1_000_000


def test_a_second_variant_for_one_choice_is_not_switched_on(owner):
    product = make.product(variants=2)
    first, second = product.variants.all()
    Variant.objects.filter(pk=second.pk).update(
        option1=first.option1, option2=first.option2, is_active=False
    )

    refused = owner.post(LIST, typed(owner, second, is_active="on"))

    assert list(refused.context["lines"][0].form.errors) == ["is_active"]


def raised(client, variants, **values):
    keys = [str(variant.pk) for variant in variants]
    return client.post(LIST, {"action": "change_prices", "_selected_action": keys, **values})


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({"percent": "10", "step": "10000", "before": "keep"}, (1_370_000, None)),
        ({"percent": "-20", "step": "100000", "before": "now"}, (1_000_000, 1_245_000)),
        ({"percent": "-90", "step": "100000", "before": "keep"}, (100_000, None)),
    ],
)
def test_prices_rise_by_percent_and_are_rounded_after_the_same_look(owner, values, wanted):
    variant = make.variant(price=1_245_000)

    shown = raised(owner, [variant], **values)
    assert Variant.objects.get().price == 1_245_000
    owner.post(LIST, hidden(shown))

    row = Variant.objects.get()
    assert (row.price, row.compare_at_price) == wanted


def test_prices_of_chosen_products_lead_to_the_same_page(owner):
    product = make.product(variants=3)

    asked = owner.post(
        "/admin/shop/product/",
        {"action": "change_prices", "_selected_action": [str(product.pk)]},
    )

    assert set(asked.context["keys"]) == set(product.variants.values_list("pk", flat=True))


def test_who_only_looks_changes_no_price(organization):
    variant, viewer = make.variant(price=1_000_000), client_of("viewer")

    assert "form-0-price" not in typed_in(viewer, LIST)
    forged = {
        "form-TOTAL_FORMS": "1",
        "form-INITIAL_FORMS": "1",
        "form-0-id": str(variant.pk),
        "form-0-price": "1",
        "_save": "1",
        "confirmed": "1",
    }
    assert viewer.post(LIST, forged).status_code == 403
    assert Variant.objects.get().price == 1_000_000


@pytest.mark.parametrize("key", ["nada", "00000000-0000-0000-0000-000000000000", "\x00"])
def test_a_forged_list_changes_nothing(owner, key):
    make.variant(price=1_000_000)
    forged = {
        "form-TOTAL_FORMS": "1",
        "form-INITIAL_FORMS": "1",
        "form-0-id": key,
        "form-0-price": "1",
        "_save": "1",
        "confirmed": "1",
    }

    assert owner.post(LIST, forged).status_code in (200, 302)
    assert owner.post(LIST, {"_save": "1"}).status_code == 302
    assert Variant.objects.get().price == 1_000_000


def test_a_variant_is_found_by_its_product_and_by_its_sku(owner):
    product = make.product("Aceite de lavanda")
    wanted = make.variant(product, sku="LAV-30-ML", option1="30 ml")
    make.variant(sku="OTRO")

    for query in ({"q": "lav-30"}, {"product": str(product.pk), "q": "lavanda", "stock": "some"}):
        found = owner.get(LIST, query).context["cl"].result_list
        assert wanted in found, query
        assert all(row.product == product for row in found), query
