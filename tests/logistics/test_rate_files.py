"""Rates of a table as a spreadsheet: in, looked at, applied whole or not at all, and out."""

import csv
import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from django_scopes import scope

from logistics import places, rate_changes, rate_sheets
from logistics.models import Rate
from logistics.places import UnknownPlace
from shop.models import AuditEntry, Municipality
from tests import make
from tests.orders.test_races import at_once
from tests.shop.admin.back_office import client_of

LIST = "/admin/logistics/ratetable/"
HEAD = "Código DANE,Departamento,Municipio,Hasta (g),Precio,Gratis desde,Días desde,Días hasta\n"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def owner(organization):
    organization.language = "en"
    organization.save(update_fields=["language"])
    return client_of("owner")


@pytest.fixture
def table(organization):
    return make.rate_table("Envío nacional")


def address(table, page="importar") -> str:
    return f"{LIST}{table.pk}/{page}/"


def give(client, table, text: str | bytes, name="tarifas.csv"):
    """Give a file, and get the page that shows what it would change."""
    content = text.encode() if isinstance(text, str) else text
    return client.post(address(table), {"file": SimpleUploadedFile(name, content)})


def agree(client, table, page):
    """Press the button of that page."""
    context = page.context
    return client.post(address(table), {"sheet": context["packed"], "seen": context["seen"]})


def counts(page) -> dict[str, int]:
    return {kind: count for kind, _label, count in page.context["counts"]}


def faults(page) -> list[tuple[int, str]]:
    return [(fault.line, fault.words) for fault in page.context["faults"]]


def workbook(*rows) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def exported(client, table, kind) -> bytes:
    answer = client.get(address(table, "exportar"), {"kind": kind})
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def values(table) -> list[dict]:
    return list(Rate.objects.filter(table=table).order_by("id").values())


def test_a_file_is_looked_at_first_and_then_makes_the_table_what_it_says(owner, table):
    kept = make.rate(table, price=1_590_000, days_min=2, days_max=4)
    dearer = make.rate(table, municipality_id="76001", price=900_000, days_min=1, days_max=2)
    gone = make.rate(table, department_id="91")
    file = (
        f"{HEAD},Todo el país,,,$ 15.900,,2,4\n"
        ',,"Cali, Valle del Cauca",,"12.500",150000,1,2\n'
        "5001,,,5000,8900,,1,1\n"
    )

    page = give(owner, table, file)
    assert counts(page) == {"added": 1, "changed": 1, "removed": 1, "same": 1}
    assert Rate.objects.count() == 3
    assert "Cali, Valle del Cauca" in page.content.decode()

    answer = agree(owner, table, page)
    assert answer.url == f"{LIST}{table.pk}/change/"
    dearer.refresh_from_db()
    assert (dearer.price, dearer.free_from) == (1_250_000, 15_000_000)
    medellin = Rate.objects.get(municipality="05001")
    assert (medellin.price, medellin.heaviest_grams, medellin.days_max) == (890_000, 5_000, 1)
    assert set(Rate.objects.values_list("pk", flat=True)) == {kept.pk, dearer.pk, medellin.pk}
    told = {
        (entry.model, entry.action): entry.changes
        for entry in AuditEntry.objects.filter(source="import", actor=owner.user)
    }
    assert told["rate", "changed"] == {
        "price": [900_000, 1_250_000],
        "free_from": [None, 15_000_000],
    }
    assert ("rate", "added") in told
    assert ("rate", "deleted") in told
    assert told["ratetable", "changed"]["file"] == [None, "tarifas.csv"]
    assert AuditEntry.objects.get(model="rate", action="deleted").row_id == str(gone.pk)


def test_one_bad_row_keeps_all_others_out_and_says_where_and_why(owner, table):
    rows = [
        ",Antioquia,Medellín,,8900,,1,1",
        ",,Macondo,,8900,,1,1",
        ",,La Unión,,8900,,1,1",
        ",Valle,Medellín,,8900,,1,1",
        "99999,,,,8900,,1,1",
        "05001,Valle del Cauca,Cali,,8900,,1,1",
        ",,,,8900,,1,1",
        ",,Cali,,,,1,1",
        ",,Pasto,,24.90,,1,1",
        ",,Tunja,mucho,8900,,1,1",
        ",,Neiva,1.5 kg,8900,,1,1",
        ",,Yopal,,8900,,5,4",
        ",,Mocoa,,8900,,1,400",
        "05001,,,,9900,,1,1",
        ",,Leticia,,-5,,1,1",
    ]

    page = give(owner, table, HEAD + "\n".join(rows) + "\n")

    assert dict(faults(page)) == {
        3: "No department or municipality has this name.",
        4: faults(page)[1][1],
        5: "Valle del Cauca has no municipality with the name Medellín.",
        6: "No department or municipality has the code 99999.",
        7: "The code 05001 is Medellín, Antioquia, and this row says Cali, Valle del Cauca.",
        8: "Say where: a department, a municipality, or «Whole country».",
        9: "Write the price; 0 when it costs nothing.",
        10: "«24.90» is not a price. Write it like 24.900.",
        11: "«mucho» is not a number.",
        12: "«1.5 kg» is not a number.",
        13: "The most days cannot be fewer than the least.",
        14: "«400» is more than 90.",
        15: "Line 2 says the price of the same case.",
        16: "«-5» is below zero.",
    }
    assert "Which one is it?" in dict(faults(page))[4]
    assert page.context["packed"] == ""
    assert "24.900" in page.content.decode()
    assert not Rate.objects.exists()


def test_a_file_with_a_bad_row_is_never_applied(table):
    text = "Municipio,Precio\nCali,5000\nMacondo,5000\n"
    sheet = rate_sheets.opened("t.csv", io.BytesIO(text.encode()))
    seen = rate_changes.compare(table, sheet).seen

    with pytest.raises(rate_changes.HasFaults):
        rate_changes.apply(table, sheet, seen=seen, person=None)

    assert not Rate.objects.exists()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_table_taken_out_and_given_back_changes_nothing(owner, table, kind):
    make.rate(table, price=1_590_050, free_from=0)
    make.rate(table, department_id="88", is_covered=False, price=0)
    make.rate(table, department_id="11", lowest_order_value=12_345_678, price=0)
    make.rate(table, municipality_id="05129", heaviest_grams=1_500_000, price=1_200_000)
    make.rate(
        table,
        municipality_id="05129",
        days_min=0,
        days_max=0,
        allows_cash_on_delivery=True,
        cash_on_delivery_fee=250_000,
    )
    before = values(table)

    page = give(owner, table, exported(owner, table, kind), name=f"tabla.{kind}")

    assert counts(page) == {"added": 0, "changed": 0, "removed": 0, "same": 5}
    assert values(table) == before


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["es", "en"])
def test_the_template_is_a_good_file(owner, organization, table, kind, language):
    organization.language = language
    organization.save(update_fields=["language"])
    answer = owner.get(f"{LIST}plantilla/", {"kind": kind})
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content

    page = give(owner, table, content, name=f"plantilla.{kind}")

    assert faults(page) == []
    assert counts(page)["added"] == 5


def test_what_a_spreadsheet_makes_of_codes_and_prices_is_understood(owner, table):
    file = workbook(
        ["Tarifas de noviembre"],
        ["codigo", "Ciudad", "Hasta (kg)", "TARIFA"],
        [5001, "MEDELLIN", 2.5, 12500],
        ["05001000", None, None, "12.500"],
        [88, "San Andres", None, "$ 45.900"],
        [None, "CALI", None, 9000.0],
        [None, "Nacional", None, "15,900"],
    )

    agree(owner, table, give(owner, table, file, name="tarifas.xlsx"))

    found = {(str(rate), rate.heaviest_grams): rate.price for rate in Rate.objects.order_by("id")}
    assert len(found) == 5
    assert found["Medellín", 2_500] == found["Medellín", None] == 1_250_000
    assert Rate.objects.get(department="88").price == 4_590_000
    assert Rate.objects.get(municipality="76001").price == 900_000
    assert Rate.objects.get(department=None, municipality=None).price == 1_590_000


def test_a_column_that_is_not_in_the_file_stays_as_it_is(owner, table):
    rate = make.rate(
        table, free_from=15_000_000, days_min=4, days_max=9, allows_cash_on_delivery=True
    )

    agree(owner, table, give(owner, table, "Municipio;Precio\nnacional;17.900\nCali;9.900\n"))

    rate.refresh_from_db()
    assert (rate.price, rate.free_from, rate.days_min) == (1_790_000, 15_000_000, 4)
    assert rate.allows_cash_on_delivery
    cali = Rate.objects.get(municipality="76001")
    assert (cali.days_min, cali.days_max, cali.is_covered) == (1, 3, True)
    page = give(owner, table, "Municipio;Precio;Días hasta\nnacional;17.900;2\nCali;9.900;2\n")
    assert faults(page) == [(2, "The most days cannot be fewer than the least.")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02\x03" * 40, "not a table"),
        (b"PK\x03\x04" + b"x" * 60, "damaged"),
        (b"hola,mundo\n1,2\n", "recognise no columns"),
        ("Municipio,Días desde\nCali,2\n".encode(), "needs a place and a price"),
        (b"Municipio,Precio\n", "no rows below"),
        (b"Municipio,Ciudad,Precio\nCali,Cali,5\n", "mean the same"),
        ("Municipio,Precio\n" + "Cali,1\n" * 10_001, "more than 10000 rows"),
    ],
)
def test_a_file_that_is_no_table_of_rates_is_refused_in_words(owner, table, content, said):
    page = give(owner, table, content)

    assert page.status_code == 200
    assert said in page.content.decode()


def test_a_table_that_changed_meanwhile_is_shown_again(owner, table):
    rate = make.rate(table)
    page = give(owner, table, f"{HEAD},nacional,,,17900,,1,3\n")
    Rate.objects.update(price=1_000_000)

    again = agree(owner, table, page)

    rate.refresh_from_db()
    assert rate.price == 1_000_000
    assert "changed this table meanwhile" in again.content.decode()
    assert agree(owner, table, again).status_code == 302
    rate.refresh_from_db()
    assert rate.price == 1_790_000
    told = agree(owner, table, again)
    assert told.status_code == 302
    assert AuditEntry.objects.filter(model="rate").count() == 1


def test_a_page_that_was_tampered_with_applies_nothing(owner, table):
    page = give(owner, table, f"{HEAD},nacional,,,17900,,1,3\n")
    other = make.rate_table("Otra")

    assert agree(owner, other, page).url == address(other)
    owner.post(address(table), {"sheet": page.context["packed"] + "x", "seen": ""})
    assert not Rate.objects.exists()


@pytest.mark.parametrize("role", ["warehouse", "support", "viewer"])
def test_who_only_looks_takes_the_table_out_and_brings_none_in(organization, table, role):
    make.rate(table)
    client = client_of(role)

    assert client.get(address(table, "exportar")).status_code == 200
    assert client.get(address(table)).status_code == 403
    assert give(client, table, f"{HEAD},nacional,,,17900,,1,3\n").status_code == 403


def test_a_table_of_another_shop_has_no_file(owner):
    with scope(organization=make.organization()):
        table = make.rate_table("Ajeno")

    assert owner.get(address(table)).status_code == 404
    assert owner.get(address(table, "exportar")).status_code == 404


def test_no_cell_of_a_file_becomes_a_formula(owner, table):
    Municipality.objects.filter(pk="05001").update(name="=1+1")
    make.rate(table, municipality_id="05001")

    (row,) = list(csv.reader(io.StringIO(exported(owner, table, "csv").decode())))[1:]

    assert row[2] == "'=1+1"


def test_a_long_table_is_changed_in_its_file_at_a_constant_number_of_queries(
    owner, table, django_assert_max_num_queries
):
    codes = list(Municipality.objects.order_by("code").values_list("code", flat=True))
    lines = "".join(
        f"{code},{grams},{9_000 + grams}\n" for code in codes for grams in (1000, 3000, 5000)
    )
    file = "Código DANE,Hasta (g),Precio\n" + lines
    give(owner, table, "Municipio,Precio\nCali,5\n")

    with django_assert_max_num_queries(12):
        page = give(owner, table, file)
    assert counts(page)["added"] == 3 * len(codes) == 3_366
    with django_assert_max_num_queries(30):
        agree(owner, table, page)

    assert Rate.objects.filter(table=table).count() == 3_366
    with django_assert_max_num_queries(14):
        form = owner.get(f"{LIST}{table.pk}/change/").content.decode()
    assert "more rates than fit on a page" in form
    assert len(form) < 200_000
    assert re.search(r'name="name" value="Envío nacional"', form)


def test_two_people_who_apply_at_once_write_it_once(open_shop):
    table = make.rate_table()
    text = "Municipio,Precio\nCali,5000\nPasto,6000\n"
    sheet = rate_sheets.opened("t.csv", io.BytesIO(text.encode()))
    seen = rate_changes.compare(table, sheet).seen

    def apply():
        return rate_changes.apply(table, sheet, seen=seen, person=None)

    plans = at_once(open_shop, [apply] * 2)

    assert sorted(len(plan.added) for plan in plans) == [0, 2]
    assert table.rates.count() == 2


def test_every_place_is_found_again_by_what_an_export_writes_of_it(db):
    for one in Municipality.objects.select_related("department"):
        department = one.department
        by_name = places.written(code="", department=department.name, municipality=one.name)
        short = one.code.lstrip("0")
        by_code = places.written(code=short, department=department.name, municipality=one.name)
        assert by_name == by_code == (None, one)
        alone = places.written(code="", department=department.name, municipality="")
        assert alone == (department, None)
    with pytest.raises(UnknownPlace):
        places.written(code="5001000001", department="", municipality="")
