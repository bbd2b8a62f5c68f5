"""Cash on delivery in the back-office: who may, what it shows, and that it is told."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone, translation
from django_scopes import scope

from logistics import cash
from logistics.models import CashLine, CashStatement
from tests import make
from tests.shop.admin.back_office import client_of

LIST = "/admin/logistics/cashstatement/"
HEAD = "Guía;Recaudo;Comisión\n"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def owner(organization):
    organization.language = "en"
    organization.save(update_fields=["language"])
    return client_of("owner")


def delivered(number, *, days=3):
    at = timezone.now() - timedelta(days=days)
    return make.shipment(
        tracking_number=number,
        is_test=True,
        state="delivered",
        delivered_at=at,
        cash_to_collect=5_000_000,
    )


def give(client, text, **values):
    file = SimpleUploadedFile("recaudo.csv", (HEAD + text).encode())
    return client.post(f"{LIST}importar/", {"file": file, **values}, follow=True)


def test_a_statement_is_given_compared_settled_and_undone(owner):
    delivered("G1"), delivered("G2")

    page = give(owner, "G1;50.000;1.000\nG2;40.000;0\nG9;10.000;0\n")

    text = page.content.decode()
    assert [tab["count"] for tab in page.context["tabs"]] == [2, 1, 1, 1]
    assert "G2" in text
    assert "G9" in text
    assert "$\u00a01.000" in text
    assert "Ask the carrier for the difference" in text
    statement, line = CashStatement.objects.get(), CashLine.objects.get(tracking_number="G2")
    address = f"{LIST}{statement.pk}/"
    owner.post(f"{address}cerrar/", {"line": line.pk, "note": ""})
    line.refresh_from_db()
    assert line.settled_at is None

    owner.post(f"{address}cerrar/", {"line": line.pk, "note": "Descontaron el flete"})
    page = owner.get(f"{address}change/")
    assert page.context["tabs"][0]["count"] == 1
    assert (
        "Descontaron el flete" in owner.get(f"{address}change/?result=different").content.decode()
    )

    assert (
        "imported before"
        in give(owner, "G1;50.000;1.000\nG2;40.000;0\nG9;10.000;0\n").content.decode()
    )
    owner.post(f"{address}deshacer/")
    assert not CashLine.objects.filter(is_counted=True).exists()


def test_a_file_that_cannot_be_read_says_which_line(owner):
    page = give(owner, "G1;mucho;0\n")

    assert "Line 2" in page.content.decode()
    assert not CashStatement.objects.exists()


def test_what_is_missing_waits_on_the_first_page_and_is_closed_with_a_note(owner):
    late = delivered("TARDE-1", days=20)
    delivered("A-TIEMPO")
    assert "Cash that carriers owe" in owner.get("/admin/").content.decode()
    page = owner.get(f"{LIST}faltantes/").content.decode()
    assert "TARDE-1" in page
    assert "A-TIEMPO" not in page

    owner.post(f"{LIST}faltantes/", {"shipment": late.pk, "note": "La pagaron por siniestro"})

    assert "Nothing is missing" in owner.get(f"{LIST}faltantes/").content.decode()
    assert CashLine.objects.get().note == "La pagaron por siniestro"


def test_the_report_is_a_page_and_a_spreadsheet(owner):
    delivered("G1", days=0)

    assert "50.000" in owner.get(f"{LIST}informe/?weeks=4").content.decode()
    answer = owner.get(f"{LIST}informe/?kind=csv")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[0].startswith("\ufeffCarrier,Week of")
    assert ",1,50000,0," in lines[1]


@pytest.mark.parametrize(
    ("role", "looks", "changes"), [("warehouse", 403, 403), ("support", 200, 403)]
)
def test_money_is_not_for_the_warehouse_and_not_changed_by_support(
    organization, role, looks, changes
):
    statement, client = make.cash_statement(), client_of(role)

    for page in ("", f"{statement.pk}/change/", "faltantes/", "informe/"):
        assert client.get(f"{LIST}{page}").status_code == looks
    assert client.post(f"{LIST}{statement.pk}/deshacer/").status_code == changes
    assert client.post(f"{LIST}faltantes/", {}).status_code == changes
    assert client.get(f"{LIST}importar/").status_code == changes
    assert "Cash that carriers owe" not in client.get("/admin/").content.decode()


def test_another_shop_finds_nothing(owner):
    with scope(organization=make.organization()):
        theirs = make.cash_statement("Ellos")
        shipment = delivered("SUYA", days=20)

    assert owner.get(f"{LIST}{theirs.pk}/change/").status_code == 404
    assert owner.post(f"{LIST}{theirs.pk}/deshacer/").status_code == 404
    values = {"shipment": shipment.pk, "note": "x"}
    assert owner.post(f"{LIST}faltantes/", values).status_code == 404
    assert owner.post(f"{LIST}faltantes/", {"shipment": "no", "note": "x"}).status_code == 404
    assert "SUYA" not in owner.get(f"{LIST}faltantes/").content.decode()


def test_lists_ask_as_often_for_many_rows_as_for_one(owner, django_assert_max_num_queries):
    # What is remembered of the shop is asked for once.
    owner.get(LIST)
    counts = []
    for size in (1, 3):
        for number in range(size):
            delivered(f"T{size}{number}", days=20)
        rows = "\n".join(f"X{size}{number};1.000;0" for number in range(size))
        content = io.BytesIO((HEAD + rows).encode())
        now, actor = timezone.now(), owner.user
        statement, _new = cash.take_in(
            make.here(), f"{size}.csv", content, account=None, now=now, actor=actor
        )
        pages = (LIST, f"{LIST}{statement.pk}/change/", f"{LIST}faltantes/", f"{LIST}informe/")
        asked = []
        for page in pages:
            with django_assert_max_num_queries(40) as captured:
                owner.get(page)
            asked.append(len(captured))
        counts.append(asked)

    assert counts[0] == counts[1]
