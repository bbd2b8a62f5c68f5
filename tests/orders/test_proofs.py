"""Proofs of transfers: cleaned, kept out of reach, and settled by a person's word alone."""

import io
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django_scopes import scope
from PIL import Image

from orders import cancellation, expiry, proofs, tokens
from orders.models import GatewayTransaction, Order, PaymentAttempt
from orders.order_state import State
from shop.models import StockReservation
from tests import make

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def transfer_order(**fields):
    if not make.here().payment_accounts.filter(provider="transfer").exists():
        make.payment_account(
            "transfer",
            settings={"bank": "Bancolombia", "account_number": "1", "holder": "Kaiu SAS"},
        )
    return make.placed_order(provider="transfer", **fields)


def path(order, rest="comprobante/"):
    return f"/pedidos/{tokens.for_order(order)}/{rest}"


def upload(order, content, name="recibo.jpg", client=None):
    file = SimpleUploadedFile(name, content)
    return (client or Client()).post(path(order), {"proof": file})


def photo_with_a_place() -> bytes:
    picture, content = Image.new("RGB", (400, 300), "white"), io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Telefono secreto"
    exif.get_ifd(0x8825)[1] = "N"
    picture.save(content, "JPEG", exif=exif)
    return content.getvalue()


# --- The buyer ------------------------------------------------------------------------------------


def test_a_photograph_is_kept_without_what_the_phone_wrote_in_it(organization):
    order = transfer_order()

    answer = upload(order, photo_with_a_place())

    assert answer.status_code == 302
    attempt = order.attempts.get()
    assert (attempt.status, attempt.proof_at is not None) == ("pending", True)
    assert attempt.proof.name.startswith(f"proofs/{organization.pk}/")
    kept = storages["private"].open(attempt.proof.name).read()
    assert b"secreto" not in kept
    assert not Image.open(io.BytesIO(kept)).getexif()
    assert not default_storage.exists(attempt.proof.name)
    event = order.events.get(kind="proof_received")
    assert (event.is_public, event.actor_label) == (True, "buyer")
    assert State(Order.objects.get(pk=order.pk), now=timezone.now()).has_proof


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_pictures_of_every_kind_are_taken(organization, kind):
    order = transfer_order()

    assert upload(order, make.picture_file(200, 300, kind).read()).status_code == 302
    assert order.attempts.get().proof.name.endswith(".webp")


def test_a_pdf_is_kept_as_it_is_and_opened_by_a_reader(organization):
    order = transfer_order()
    upload(order, PDF, "recibo.pdf")

    answer = Client().get(path(order))

    assert b"".join(answer.streaming_content) == PDF
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a" + b"\0" * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7 no end",
        b"MZ\x90\x00 %PDF-1.7 %%EOF",
        b"\xff\xd8\xff\xe0 not really a picture",
        b"\x89PNG\r\n\x1a\n" + b"\0" * (8 * 1024 * 1024),
    ],
)
def test_anything_else_is_refused_with_a_sentence_beside_the_field(organization, content):
    order = transfer_order()

    answer = upload(order, content)

    assert answer.status_code == 400
    assert 'id="proof-error"' in answer.content.decode()
    assert not order.attempts.filter(proof_at__isnull=False).exists()


def test_a_newer_receipt_takes_the_place_of_the_older_one(
    organization, django_capture_on_commit_callbacks
):
    order = transfer_order()
    upload(order, PDF)
    first = order.attempts.get().proof.name

    with django_capture_on_commit_callbacks(execute=True):
        upload(order, photo_with_a_place())

    assert order.attempts.get().proof.name != first
    assert not storages["private"].exists(first)


def test_an_order_paid_otherwise_takes_no_receipt_and_keeps_no_file(organization):
    order = make.placed_order()

    assert upload(order, PDF).status_code == 400
    cancelled = transfer_order()
    cancellation.cancel(cancelled, Order.Cancelled.BY_SHOP, now=timezone.now())
    assert upload(cancelled, PDF).status_code == 400
    assert not PaymentAttempt.objects.exclude(proof="").exists()
    folder = f"proofs/{organization.pk}"
    storage = storages["private"]
    assert not storage.exists(folder) or storage.listdir(folder)[1] == []


def test_a_proof_keeps_the_order_alive_for_a_person(organization):
    order = transfer_order()
    upload(order, PDF)
    soon = timezone.now() + timedelta(hours=1)
    Order.objects.filter(pk=order.pk).update(expires_at=soon)

    expiry.expire(order.pk, now=soon + expiry.PATIENCE)

    order.refresh_from_db()
    assert order.status == "pending"
    assert order.expires_at > soon + timedelta(days=2)


# --- Who sees it ----------------------------------------------------------------------------------


def test_only_the_token_and_staff_who_see_money_open_a_proof(organization):
    order = transfer_order()
    upload(order, photo_with_a_place())
    attempt = order.attempts.get()
    address = f"/pedidos/comprobantes/{attempt.pk}/"

    def status(person=None, host="testserver"):
        client = Client(headers={"host": host})
        if person:
            client.force_login(person)
        return client.get(address).status_code

    other_shop = make.organization(host="otra.localhost")
    with scope(organization=other_shop):
        stranger = make.member("owner", organization=other_shop)
    assert status(make.member("owner")) == 200
    assert status(make.member("support")) == 200
    assert status(make.member("warehouse")) == 403
    assert status(make.user()) == 404
    assert status() == 302
    assert status(stranger) == 404
    assert status(stranger, "otra.localhost") == 404
    for guess in (f"/media/{attempt.proof.name}", f"/pedidos/{order.pk.hex}/comprobante/"):
        assert Client().get(guess).status_code == 404
    shown = Client().get(path(order))
    assert shown.status_code == 200
    assert shown.headers["Content-Type"] == "image/webp"


# --- The shop -------------------------------------------------------------------------------------


def proved():
    order = transfer_order()
    upload(order, PDF)
    return order, order.attempts.get()


def accept(attempt, **fields):
    values = {
        "reference": "BC-778",
        "amount": attempt.amount,
        "actor": make.member("manager"),
        "now": timezone.now(),
    }
    return proofs.accept(attempt, **values | fields)


def test_a_person_s_word_pays_the_order_once(organization):
    order, attempt = proved()

    accept(attempt, reference=" bc-778 ")
    accept(attempt)

    order.refresh_from_db()
    assert (order.status, order.paid, order.payment) == ("confirmed", order.total, "paid")
    told = GatewayTransaction.objects.get()
    assert (told.gateway_id, told.amount) == ("BC-778", order.total)
    with pytest.raises(proofs.AlreadyAccepted):
        accept(attempt, reference="BC-779")
    noted = order.events.get(kind="note")
    assert noted.actor is not None
    assert noted.data["transfer"] == "BC-778"


def test_one_transfer_pays_one_order(organization):
    first, attempt = proved()
    second, other = proved()
    accept(attempt)

    with pytest.raises(proofs.AlreadyUsed, match=first.label):
        accept(other)

    second.refresh_from_db()
    assert (second.status, second.paid) == ("pending", 0)


def test_less_than_the_total_leaves_the_rest_to_be_paid(organization):
    order, attempt = proved()

    accept(attempt, amount=1_000_000)

    order.refresh_from_db()
    assert (order.status, order.paid, order.payment) == ("pending", 1_000_000, "partly_paid")
    assert order.due_now == order.total - 1_000_000
    state = State(order, now=timezone.now())
    assert state.may_pay


@pytest.mark.parametrize("wrong", [{"reference": "  "}, {"amount": 0}, {"amount": -5}])
def test_what_makes_no_sense_is_refused(organization, wrong):
    _order, attempt = proved()

    with pytest.raises(proofs.BadProof):
        accept(attempt, **wrong)

    assert not GatewayTransaction.objects.exists()


def test_a_payment_by_a_gateway_is_never_accepted_by_hand(organization):
    order = make.placed_order()
    attempt = make.attempt(order)

    with pytest.raises(proofs.NoTransfer):
        accept(attempt)

    order.refresh_from_db()
    assert order.status == "pending"


def test_a_proof_that_shows_no_payment_is_refused_with_a_reason_and_more_time(organization):
    order, attempt = proved()
    now = order.expires_at + timedelta(hours=5)

    proofs.reject(attempt, reason="The picture is of another day", actor=None, now=now)
    proofs.reject(attempt, reason="The picture is of another day", actor=None, now=now)

    order.refresh_from_db()
    attempt.refresh_from_db()
    assert (attempt.status, attempt.proof_at) == ("declined", None)
    assert order.expires_at == now + timedelta(days=1)
    assert StockReservation.objects.get(holder=order.pk).expires_at == order.expires_at
    event = order.events.get(kind="payment_declined")
    assert (event.mail, event.data["message"]) == ("queued", "The picture is of another day")
    # Another receipt may follow.
    assert upload(order, PDF).status_code == 302
