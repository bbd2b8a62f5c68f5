import io
from uuid import uuid4

import pytest
from django.http import Http404
from django.test import Client
from django_scopes import scope
from pypdf import PdfReader

from orders import document_views, tokens
from tests import make


def pages_of(response) -> str:
    """Give the words of a response that is a PDF."""
    assert response["Content-Type"] == "application/pdf"
    pages = PdfReader(io.BytesIO(response.content)).pages
    return " ".join(page.extract_text() for page in pages)


def test_who_holds_the_token_reads_the_receipt(organization, client):
    order = make.order()

    response = client.get(f"/pedidos/{tokens.for_order(order)}/documento.pdf")

    assert order.label in pages_of(response)
    assert response["Cache-Control"] == "no-store, private"
    assert response["Content-Disposition"] == f'inline; filename="pedido-{order.number}.pdf"'
    assert "sessionid" not in response.cookies


def test_no_other_name_of_an_order_opens_it(organization, client):
    order = make.order()
    token = tokens.for_order(order)
    cart = tokens.for_cart(organization, order.pk)

    for wrong in (order.pk, order.pk.hex, order.number, order.email, cart, token[:-1], "x"):
        answer = client.get(f"/pedidos/{wrong}/documento.pdf")
        assert answer.status_code == 404, wrong


def test_a_token_opens_nothing_in_another_shop(organization):
    token = tokens.for_order(make.order())
    make.organization(host="otra.localhost")

    answer = Client(headers={"host": "otra.localhost"}).get(f"/pedidos/{token}/documento.pdf")

    assert answer.status_code == 404


def test_a_document_is_only_read(organization, client):
    answer = client.post(f"/pedidos/{tokens.for_order(make.order())}/documento.pdf")

    assert answer.status_code == 405


@pytest.mark.parametrize("view", [document_views.invoice_view, document_views.packing_slip_view])
def test_staff_read_documents_of_their_own_orders_alone(organization, rf, view):
    order = make.order()
    other = make.organization()
    with scope(organization=other):
        foreign = make.order()

    assert order.label in pages_of(view(rf.get("/"), pk=order.pk))
    for key in (foreign.pk, uuid4()):
        with pytest.raises(Http404):
            view(rf.get("/"), pk=key)


def test_a_receipt_takes_four_queries_at_most(organization, rf, django_assert_max_num_queries):
    order = make.order(account=make.payment_account())
    request = rf.get("/")
    request.organization = organization

    with django_assert_max_num_queries(4):
        document_views.buyer_document(request, tokens.for_order(order))
