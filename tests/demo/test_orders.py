"""The demo of buying: two months of orders made by the operations."""

from datetime import timedelta

import pytest
from django.db.models import Sum
from django.utils import timezone
from django_scopes import scope

from logistics.models import CashStatement, Incident, Shipment
from orders import deadlines, following, payments, sales_report, vouchers
from orders.admin import queues
from orders.demo import stories, telling
from orders.models import (
    Cart,
    GatewayTransaction,
    Order,
    OrderEvent,
    PaymentAccount,
    PaymentAttempt,
    Refund,
    ReturnRequest,
    Subscription,
    SubscriptionEvent,
    Voucher,
)
from shop import stock
from shop.demo import loading
from shop.models import Customer, Organization, Product, StockMovement
from tests.demo.conftest import WIDTH
from tests.demo.stored import proofs

_Status = Order.Status


def test_orders_stand_in_every_state(kaiu):
    found = set(Order.objects.values_list("status", flat=True))

    assert found == set(_Status)
    assert 60 <= Order.objects.count() <= 75
    oldest = timezone.now() - Order.objects.earliest("placed_at").placed_at
    assert timedelta(days=58) < oldest < timedelta(days=62)


def test_one_subscription_goes_on_and_one_waits_for_its_payment(kaiu):
    found = dict(Subscription.objects.values_list("status", "customer__email"))

    assert set(found) == {"active", "grace"}
    assert all(found.values())
    assert Order.objects.filter(source="repeat", payment="paid").exists()
    assert not SubscriptionEvent.objects.exclude(mail="").exists()


def test_numbers_follow_the_order_of_time(kaiu):
    rows = list(Order.objects.order_by("number").values_list("number", "placed_at"))

    assert [number for number, _at in rows] == list(range(1001, 1001 + len(rows)))
    assert [at for _number, at in rows] == sorted(at for _number, at in rows)


def test_nothing_happened_in_the_future_or_out_of_order(kaiu):
    assert not OrderEvent.objects.filter(at__gt=timezone.now()).exists()
    for order in Order.objects.prefetch_related("events"):
        times = [event.at for event in sorted(order.events.all(), key=lambda event: event.pk)]
        assert times == sorted(times), order
        assert times[0] == order.placed_at


@pytest.mark.parametrize("slug", ["kaiu", "cafe-la-vereda"])
def test_the_stock_adds_up_with_movements_of_their_time(demo, db, slug):
    organization = Organization.objects.get(slug=slug)
    with scope(organization=organization):
        assert stock.differences(organization) == []
        sold = StockMovement.objects.filter(reason=StockMovement.Reason.SOLD)
        confirmed = {order.label: order.confirmed_at for order in Order.objects.all()}
        assert sold.exists()
        for movement in sold:
            assert movement.at == confirmed[movement.reference]
        opening = StockMovement.objects.filter(reason=StockMovement.Reason.OPENING)
        assert opening.latest("at").at < Order.objects.earliest("placed_at").placed_at


def test_the_money_of_every_order_is_proved_by_its_rows(kaiu):
    for order in Order.objects.all():
        told = GatewayTransaction.objects.filter(attempt__order=order, status="approved")
        assert (told.aggregate(sum=Sum("amount"))["sum"] or 0) <= order.paid, order
        if order.status in (_Status.CONFIRMED, _Status.PROCESSING, _Status.READY_TO_SHIP):
            assert order.net_paid >= order.total


def test_nobody_was_sent_a_mail(kaiu):
    assert OrderEvent.objects.exclude(mail=OrderEvent.Mail.NONE).count() == 0
    assert not Order.objects.filter(email="").exists()
    assert Order.objects.filter(search__contains="camila.rodriguez@example.com").count() >= 3


def test_every_queue_of_the_day_has_something(kaiu):
    assert [name for name, count in queues.counts(with_money=True).items() if count == "0"] == []
    assert PaymentAttempt.objects.filter(proof_at__isnull=False, status="pending").exists()
    concerns = set(Order.objects.exclude(concern="").values_list("concern", flat=True))
    assert concerns == {Order.Concern.PAID_WITHOUT_STOCK, Order.Concern.PAID_TOO_MUCH}


def test_one_refund_is_overdue_and_one_return_waits(kaiu):
    today = deadlines.day_of(kaiu, timezone.now())

    overdue = Refund.objects.filter(due_on__lt=today).exclude(status=Refund.Status.DONE)
    assert [refund.method for refund in overdue] == [Refund.Method.MANUAL]
    statuses = list(ReturnRequest.objects.values_list("status", flat=True))
    assert statuses.count(ReturnRequest.Status.REQUESTED) == 1
    assert statuses.count(ReturnRequest.Status.CLOSED) >= 2


def test_the_gateway_has_nothing_to_say_about_what_is_over(kaiu):
    waiting = PaymentAttempt.objects.filter(ask_at__isnull=False)

    assert set(waiting.values_list("order__status", flat=True)) <= {_Status.PENDING}


def test_no_way_to_pay_of_the_demo_takes_real_money(kaiu):
    accounts = list(PaymentAccount.objects.select_related("organization"))

    assert [account.provider for account in accounts] == ["practice", "transfer", "cash"]
    assert not any(account.is_live for account in accounts)
    assert [payments.get(account.provider).problems(account) for account in accounts] == [[]] * 3


def test_the_vouchers_say_what_readme_promises(kaiu):
    def worth(code: str, subtotal: int) -> str:
        found = vouchers.usable(
            code, subtotal=subtotal, currency="COP", now=timezone.now(), customer=None
        )
        return f"{found.kind} {found.percent or found.amount}"

    assert worth("bienvenida10", 3_000_000) == "percent 10"
    assert worth("regalo20", 3_000_000) == "amount 2000000"
    assert worth("enviogratis", 8_000_000) == "delivery 0"
    with pytest.raises(vouchers.VoucherRefused):
        worth("enviogratis", 7_999_900)
    for voucher in Voucher.objects.all():
        assert voucher.used == voucher.uses.filter(returned_at__isnull=True).count()


def test_somebody_who_used_a_gift_before_cannot_again(kaiu):
    buyer = Customer.objects.get(email="laura.cifuentes@example.com")

    with pytest.raises(vouchers.VoucherRefused):
        vouchers.usable(
            "REGALO20", subtotal=5_000_000, currency="COP", now=timezone.now(), customer=buyer
        )


def test_a_bottle_of_lavender_may_be_bought_alone(kaiu):
    least = Product.objects.get(slug="aceite-esencial-de-lavanda").listing_price

    assert 0 < kaiu.minimum_order <= least


def test_the_days_of_sales_are_counted(kaiu):
    today = deadlines.day_of(kaiu, timezone.now())
    paid = Order.objects.filter(paid_at__isnull=False)

    report = sales_report.report(kaiu, days=90, today=today)

    assert sum(totals.paid for totals in report.by_day.values()) == paid.count()
    sales = sum(totals.sales for totals in report.by_day.values())
    assert sales == paid.aggregate(sum=Sum("paid"))["sum"]


def test_the_second_shop_sells_apart(demo, db):
    organization = Organization.objects.get(slug="cafe-la-vereda")
    with scope(organization=organization):
        assert Order.objects.count() == 3
        assert PaymentAccount.objects.count() == 2


def test_a_second_load_doubles_nothing(kaiu):
    before = Order.objects.count(), Cart.objects.count(), Voucher.objects.count()

    loading.load(password="otra clave", width=WIDTH)

    assert (Order.objects.count(), Cart.objects.count(), Voucher.objects.count()) == before


def test_a_load_that_fails_leaves_no_proof(kaiu):
    people = {"ana.benavides": Customer.objects.get(email="ana.benavides@example.com")}
    row = {"customer": "ana.benavides", "delivery": "", "voucher": "", "notes": ""}
    row |= {"goods": "LAV-10x1", "payment": "transfer"}
    rows = [
        row | {"at": "9h", "story": "proof"},
        row | {"at": "2h", "story": "proof", "goods": "NADA-10x1"},
    ]
    kept = proofs(kaiu)

    with pytest.raises(KeyError, match="NADA-10"):
        telling.tell(kaiu, people, rows, stories=stories.STORIES, now=timezone.now())

    assert proofs(kaiu) == kept


def test_parcels_of_the_practice_carrier_stand_in_telling_states(kaiu):
    sent = Shipment.objects.filter(account__is_demo=True)

    assert set(sent.values_list("state", flat=True)) == {
        *("label_ready", "in_transit", "out_for_delivery", "incident", "delivered"),
    }
    incident = Incident.objects.get()
    assert incident.possible_replies
    assert incident.answer_by > timezone.now()
    assert sent.get(state="out_for_delivery").cash_to_collect
    # Each order stands where its parcel does.
    assert not following.forgotten(now=timezone.now()).exists()


def test_a_carrier_told_what_it_paid_and_not_all_of_it_is_right(kaiu):
    told = CashStatement.objects.get(is_by_hand=False)

    results = set(told.lines.values_list("result", flat=True))
    assert {"matched", "different", "unknown"} <= results
