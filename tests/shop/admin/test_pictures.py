"""Pictures of a product, in the back-office."""

import pytest
from django.core.files.storage import default_storage
from django_scopes import scope

from shop.models import Picture
from tests import make
from tests.shop.admin.back_office import change, client_of, errors_of, send


def add_picture(client, product, file, **fields):
    return send(
        client,
        change(product),
        pictures__TOTAL_FORMS="1",
        pictures__0__id="",
        pictures__0__product=str(product.pk),
        pictures__0__file=file,
        pictures__0__description="Un frasco",
        pictures__0__position="",
        **fields,
    )


def test_a_picture_is_added_and_shown_in_the_list(owner):
    product = make.product()

    add_picture(owner, product, make.picture_file())

    picture = Picture.objects.get()
    assert (picture.product, picture.description) == (product, "Un frasco")
    product.refresh_from_db()
    assert product.cover["key"] == picture.key
    assert f"{picture.key}/320.webp" in owner.get("/admin/shop/product/").content.decode()


def test_a_file_that_is_no_picture_is_refused_beside_its_field_and_the_rest_kept(owner):
    product = make.product()
    file = make.picture_file()
    file.seek(0)
    file.write(b"MZ\x90\x00")
    file.seek(0)

    response = add_picture(owner, product, file, summary="Se queda")

    assert errors_of(response) == {
        "pictures-0-file": ["This file is not a picture we can read. Use JPEG, PNG, WebP or GIF."]
    }
    assert 'value="Se queda"' in response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_deleted_pictures_files_go_after_the_commit():
    organization = make.organization(host="testserver")
    with scope(organization=organization):
        product = make.product()
        client = client_of("owner")
        add_picture(client, product, make.picture_file())
        picture = Picture.objects.get()
        assert default_storage.exists(f"{picture.key}/640.webp")

        send(client, change(product), pictures__0__DELETE="on")

        assert not Picture.objects.exists()
        assert not default_storage.exists(f"{picture.key}/640.webp")
        product.refresh_from_db()
        assert product.cover is None
