from django.utils import translation

from shop import audit
from shop.models import AuditEntry
from tests import make


def test_a_change_keeps_what_stood_there_before_and_after(organization):
    person = make.member("manager", name="Marta")
    product = make.product("Aceite de lavanda")
    before = audit.snapshot(product)
    product.name = "Aceite de lavandín"
    product.save()

    audit.record(
        organization,
        person,
        AuditEntry.Action.CHANGED,
        product,
        before=before,
        after=audit.snapshot(product),
        source="api",
    )

    entry = AuditEntry.objects.get()
    assert entry.changes == {"name": ["Aceite de lavanda", "Aceite de lavandín"]}
    assert (entry.actor_label, entry.model, entry.row_id) == ("Marta", "product", str(product.pk))
    assert entry.source == "api"


def test_changes_are_told_in_the_words_of_the_forms(organization):
    customer = make.customer()
    after = {"status": "banned", "tags": ["vip"], "is_active": False}

    with translation.override("es"):
        entry = audit.record(organization, None, AuditEntry.Action.ADDED, customer, after=after)

        assert entry.changes_in_words() == [
            ("is_active", None, "No"),
            ("Estado", None, "Bloqueado"),
            ("Etiquetas", None, ["vip"]),
        ]


def test_a_change_of_nothing_leaves_no_entry(organization):
    product = make.product()
    same = audit.snapshot(product)

    audit.record(
        organization, None, AuditEntry.Action.CHANGED, product, before=same, after=dict(same)
    )

    assert AuditEntry.objects.count() == 0


def test_benefits_are_part_of_a_product_and_passwords_of_nobody(organization):
    person = make.user()

    assert audit.snapshot(make.product())["benefits"] == []
    assert "password" not in audit.snapshot(person)


def test_what_an_operator_does_belongs_to_no_organization(organization):
    operator = make.user(is_superuser=True)

    audit.record(None, operator, AuditEntry.Action.ADDED, organization, source="command")

    entry = AuditEntry._base_manager.get()
    assert entry.organization_id is None
    assert entry.row_label == organization.name
