"""The audit, as owners read it: whose deed, on what, when and from where."""

import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from shop import audit
from shop.models import AuditEntry
from tests import make
from tests.make import here
from tests.shop.admin.back_office import change, client_of

LIST = "/admin/shop/auditentry/"


def rows(owner, **filters) -> set[str]:
    return {row.row_label for row in owner.get(LIST, filters).context["cl"].result_list}


@pytest.fixture
def deeds(owner, organization):
    other = make.member("manager", name="Marta")
    product, customer = make.product("Aceite"), make.customer(name="Luz")
    audit.record(organization, other, "added", product, source="api")
    old = audit.record(organization, owner.user, "added", customer)
    AuditEntry.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=9))
    return other, product, customer


def test_the_audit_is_filtered_by_person_kind_day_and_source(owner, deeds):
    other, product, customer = deeds

    assert rows(owner, person=str(other.pk)) == {str(product)}
    assert rows(owner, rows="customer") == {str(customer)}
    assert rows(owner, days="7") == {str(product)}
    assert rows(owner, days="30") == {str(product), str(customer)}
    assert rows(owner, source="api") == {str(product)}
    assert rows(owner, person="nobody", days="x") == {str(product), str(customer)}


def test_an_entry_leads_to_its_row_and_says_in_words_where_it_came_from(owner, deeds):
    _other, product, _customer = deeds

    shown = owner.get(LIST, {"source": "api"}).content.decode()

    assert f'href="{change(product)}"' in shown
    assert "Back-office" in shown


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_audit_is_a_file_of_what_is_filtered_and_no_cell_is_a_formula(owner, deeds, kind):
    person, product, _customer = deeds
    audit.record(here(), person, "changed", product, before={"name": "=1+1"}, after={"name": "a"})
    product.name = "=HYPERLINK(1)"
    audit.record(here(), person, "deleted", product)

    answer = owner.get(f"{LIST}exportar/", {"person": str(person.pk), "kind": kind})
    table = rows_of(answer.getvalue(), kind)

    assert table[0] == ["When", "Who", "Action", "Kind of row", "Row", "From", "Changes"]
    assert [row[1:6] for row in table[1:]] == [
        ["Marta", "Deleted", "product", "'=HYPERLINK(1)", "Back-office"],
        ["Marta", "Changed", "product", "Aceite", "Back-office"],
        ["Marta", "Added", "product", "Aceite", "API"],
    ]
    assert table[2][6] == "Name: =1+1 → a"


def test_only_who_may_read_the_audit_downloads_it(organization):
    assert client_of("manager").get(f"{LIST}exportar/").status_code == 403


def rows_of(content: bytes, kind: str) -> list[list[str]]:
    if kind == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    sheet = load_workbook(io.BytesIO(content)).active
    return [["" if cell is None else cell for cell in row] for row in sheet.values]
