"""The audit, as owners read it: whose deed, on what, when and from where."""

from datetime import timedelta

import pytest
from django.utils import timezone

from shop import audit
from shop.models import AuditEntry
from tests import make
from tests.shop.admin.back_office import change

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
    assert rows(owner, kind="customer") == {str(customer)}
    assert rows(owner, days="7") == {str(product)}
    assert rows(owner, days="30") == {str(product), str(customer)}
    assert rows(owner, source="api") == {str(product)}
    assert rows(owner, person="nobody", days="x") == {str(product), str(customer)}


def test_an_entry_leads_to_its_row_and_says_in_words_where_it_came_from(owner, deeds):
    _other, product, _customer = deeds

    shown = owner.get(LIST, {"source": "api"}).content.decode()

    assert f'href="{change(product)}"' in shown
    assert "Back-office" in shown
