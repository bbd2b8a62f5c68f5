"""Electronic documents through the API: what a connector of the provider writes and reads."""

from orders.models import Invoice
from shop.models import AuditEntry
from tests import make
from tests.orders.api import buying
from tests.orders.test_invoices import CUFE
from tests.shop import api

SENT = {
    "kind": "invoice",
    "status": "pending",
    "prefix": "SETP",
    "number": 990000001,
    "issued_at": "2026-10-09T10:53:10-05:00",
}
ANSWER = {"status": "accepted", "code": CUFE.upper(), "answered_at": "2026-10-09T10:53:12-05:00"}


def address(order, invoice: str = "") -> str:
    return f"/api/orders/{order.pk}/invoices/" + (f"{invoice}/" if invoice else "")


def test_a_connector_writes_what_it_sent_and_what_was_answered(organization):
    order, client, key = make.order(), api.client("manager"), buying.key()

    made = [client.post(address(order), SENT, headers=key) for _time in range(2)]
    one = address(order, made[0].json()["id"])
    answer = client.patch(one, ANSWER, headers={"If-Match": made[0]["ETag"]})
    late = client.patch(one, ANSWER, headers={"If-Match": made[0]["ETag"]})

    assert [each.status_code for each in made] == [201, 201]
    assert made[1]["Idempotent-Replayed"] == "true"
    assert Invoice.objects.count() == 1
    told = answer.json()
    assert (told["status"], told["code"], told["label"]) == ("accepted", CUFE, "SETP990000001")
    assert told["check_url"].endswith(CUFE)
    assert late.status_code == 412
    assert [row["id"] for row in client.get(address(order)).json()["results"]] == [told["id"]]
    entry = AuditEntry.objects.get(model="invoice", action="changed")
    assert (entry.source, entry.changes["status"]) == ("api", ["pending", "accepted"])


def test_what_cannot_be_is_named_by_field(organization):
    order, other = make.order(), make.order()
    foreign, client = make.invoice(other), api.client("owner")

    def refused(**fields) -> list[str]:
        answer = client.post(address(order), SENT | fields)
        assert answer.status_code == 400, answer.content
        return sorted(answer.json()["fields"])

    assert refused(status="accepted") == ["answered_at", "code"]
    assert refused(pdf_url="http://dian.example/a.pdf") == ["pdf_url"]
    assert refused(total=1, order=str(other.pk)) == ["order", "total"]
    assert refused(kind="credit_note", corrects=str(foreign.pk)) == ["corrects"]
    assert refused(kind="credit_note", corrects=str(order.pk)) == ["corrects"]
    assert refused(number=10**16) == ["number"]
    assert order.invoices.count() == 0


def test_a_document_is_found_beside_its_own_order_alone(organization):
    order, client = make.order(), api.client("owner")
    foreign = make.invoice(make.order())

    assert client.get(address(order, foreign.pk)).status_code == 404
    assert client.patch(address(order, foreign.pk), {"number": 1}).status_code == 404
    assert client.get(address(order, "nada")).status_code == 404
    assert client.get(f"/api/orders/{foreign.pk}/invoices/").status_code == 404


def test_the_list_asks_as_often_for_three_documents(organization, django_assert_num_queries):
    order, client = make.order(), api.client("owner")
    sale = make.invoice(order)
    client.get(address(order))

    with django_assert_num_queries(5):
        client.get(address(order))
    for _note in range(2):
        make.invoice(order, kind="debit_note", corrects=sale)
    with django_assert_num_queries(5):
        client.get(address(order))


def test_the_warehouse_reads_nothing_of_it_on_the_timeline(organization):
    order = make.order()
    make.invoice(order, prefix="QUETZAL")

    def told(role):
        return api.client(role).get(f"/api/orders/{order.pk}/timeline/").content.decode()

    assert "QUETZAL" in told("support")
    assert "QUETZAL" not in told("warehouse")
    assert "invoice" not in told("warehouse")
