"""Two people change one row: the later one is told, and nothing is silently merged."""

import threading

import pytest
from django.contrib import admin
from django.db import connection
from django_scopes import scope

from shop.admin.base import RowForm, RowInline
from shop.admin.site import site
from shop.models import Product, Variant
from tests import make
from tests.shop.admin.back_office import change, client_of, errors_of, send, typed_in


def test_the_later_of_two_prices_is_refused_with_both_values_and_then_written(owner):
    variant = make.variant(price=1_000_000)
    ana, shown = client_of("manager", name="Ana"), typed_in(owner, change(variant))
    send(ana, change(variant), price="12.000")

    refused = owner.post(change(variant), {**shown, "price": "11.000"})

    told = "Ana changed this from “10.000” to “12.000”. Save again to write what you typed."
    assert told in errors_of(refused)["price"][0]
    assert Variant.objects.get(pk=variant.pk).price == 1_200_000

    again = {**shown, "price": "11.000", "initial-price": "12.000"}
    assert 'name="initial-price" value="12.000"' in refused.content.decode()
    owner.post(change(variant), again)
    assert Variant.objects.get(pk=variant.pk).price == 1_100_000


def test_a_field_one_did_not_touch_shows_what_the_other_wrote_and_is_left_so(owner):
    variant = make.variant(price=1_000_000, weight_grams=10)
    shown = typed_in(owner, change(variant))
    send(client_of("manager"), change(variant), price="12.000")

    refused = owner.post(change(variant), {**shown, "weight_grams": "20"})

    assert list(errors_of(refused)) == ["price"]
    assert 'name="price" value="12.000"' in refused.content.decode()
    row = Variant.objects.get(pk=variant.pk)
    assert (row.price, row.weight_grams) == (1_200_000, 10)


def test_the_same_holds_for_the_rows_on_the_page_of_a_product(owner):
    product = make.product(price=1_000_000, summary="Antes")
    shown = typed_in(owner, change(product))
    send(client_of("manager"), change(product), variants__0__price="12.000", summary="Otro")

    refused = owner.post(
        change(product), {**shown, "variants-0-price": "11.000", "name": "Nuevo nombre"}
    )

    assert set(errors_of(refused)) == {"summary", "variants-0-price"}
    assert Product.objects.get().name != "Nuevo nombre"
    assert Variant.objects.get().price == 1_200_000


def test_who_wants_the_same_as_the_other_is_not_bothered(owner):
    variant = make.variant(price=1_000_000)
    shown = typed_in(owner, change(variant))
    send(client_of("manager"), change(variant), price="12.000")

    assert owner.post(change(variant), {**shown, "price": "12.000"}).status_code == 302


def test_a_long_text_that_nobody_changed_never_clashes(owner):
    product = make.product(description="Uno\n\nDos \n")
    shown = typed_in(owner, change(product))
    # As browsers send line ends.
    sent = {name: [one.replace("\n", "\r\n") for one in texts] for name, texts in shown.items()}

    assert owner.post(change(product), sent).status_code == 302


def test_settings_of_the_shop_tell_as_well(owner, organization):
    path = f"/admin/shop/organization/{organization.pk}/change/"
    shown = typed_in(owner, path)
    send(client_of("admin"), path, tagline="De la otra")

    refused = owner.post(path, {**shown, "tagline": "Mía", "name": "Otra"})

    assert list(errors_of(refused)) == ["tagline"]
    organization.refresh_from_db()
    assert organization.tagline == "De la otra"


def test_every_form_of_the_back_office_remembers_what_it_showed():
    forgetful = [
        model_admin.form
        for model_admin in site._registry.values()
        if model_admin.form is not admin.ModelAdmin.form
        and "change" in model_admin.pages
        and not issubclass(model_admin.form, RowForm)
    ]
    forgetful += [
        inline.form
        for model_admin in site._registry.values()
        for inline in model_admin.inlines
        if issubclass(inline, RowInline) and not issubclass(inline.form, RowForm)
    ]

    assert forgetful == []


@pytest.mark.django_db(transaction=True)
def test_two_who_save_at_the_same_moment_do_not_both_win():
    organization = make.organization(host="testserver", language="en")
    with scope(organization=organization):
        variant = make.variant(price=1_000_000)
        clients = [client_of("manager"), client_of("manager")]
        shown = [typed_in(client, change(variant)) for client in clients]
    start, codes = threading.Barrier(2), []

    def save(client, data, price):
        start.wait()
        codes.append(client.post(change(variant), {**data, "price": price}).status_code)
        connection.close()

    threads = [
        threading.Thread(target=save, args=(client, data, price))
        for client, data, price in zip(clients, shown, ["11.000", "12.000"], strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(codes) == [200, 302]
