"""Cash on delivery: statements of carriers against what was delivered."""

import io
from datetime import date, datetime, timedelta
from threading import Barrier, Thread

import openpyxl
import pytest
from django.db import connection
from django.utils import timezone
from django_scopes import scope

from config.lib.errors import DomainError
from logistics import cash, cash_report
from logistics.models import CashLine, CashStatement
from shop.models import AuditEntry
from tests import make

Result = CashLine.Result
NOW = timezone.now()


def delivered(number: str, amount: int = 5_000_000, *, days: int = 3, **fields):
    at = NOW - timedelta(days=days)
    fields = {"state": "delivered", "delivered_at": at, "cash_to_collect": amount, **fields}
    return make.shipment(tracking_number=number, is_test=True, **fields)


def file(*rows: str, heading: str = "Guía;Recaudo;Comisión;Pagado;Fecha"):
    return io.BytesIO("\n".join([heading, *rows, ""]).encode())


def take_in(organization, content, *, account=None, actor=None):
    return cash.take_in(
        organization,
        "liquidacion.csv",
        content,
        account=account,
        now=NOW,
        actor=actor or make.member("owner"),
    )


def results(statement) -> dict:
    return dict(statement.lines.values_list("tracking_number", "result"))


def test_each_guide_is_compared_with_what_was_to_be_collected(organization):
    for number in ("G1", "G2", "G5"):
        delivered(number)
    delivered("G3", state="in_transit", delivered_at=None)
    take_in(organization, file("G5;50.000;;;"))

    statement, is_new = take_in(
        organization,
        file(
            "G1;$ 50.000;1.050;48.950;21/11/2026",
            "g2;45000;0;45000;",
            "G3;50.000;;;",
            "G4;50.000;;;",
            "G5;50.000;;;",
            "G1;50.000;;;",
            "TOTAL;295.000;;;",
        ),
    )

    assert is_new
    lines = {line.row: line for line in statement.lines.all()}
    assert [line.result for line in lines.values()] == [
        Result.MATCHED,
        Result.DIFFERENT,
        Result.NOT_DELIVERED,
        Result.UNKNOWN,
        Result.ALREADY_PAID,
        Result.ALREADY_PAID,
    ]
    first = lines[2]
    assert (first.collected, first.fee, first.paid) == (5_000_000, 105_000, 4_895_000)
    assert first.paid_on == date(2026, 11, 21)
    assert lines[3].difference == -500_000
    assert (statement.line_count, statement.paid) == (6, 24_395_000 + 5_000_000)
    assert [line.is_counted for line in lines.values()] == [True, True, True, False, False, False]


def test_the_same_file_changes_nothing_and_comes_again_after_it_was_undone(organization):
    delivered("G1")
    actor = make.member("owner")
    first, _new = take_in(organization, file("G1;50.000;;;"), actor=actor)
    again, is_new = take_in(organization, file("G1;50.000;;;"), actor=actor)
    assert (again.pk, is_new) == (first.pk, False)

    for _time in range(2):
        cash.undo(first, now=NOW, actor=actor)
    assert list(cash.unpaid(organization).values_list("tracking_number", flat=True)) == ["G1"]

    later, is_new = take_in(organization, file("G1;50.000;;;"), actor=actor)
    assert (is_new, results(later)) == (True, {"G1": Result.MATCHED})
    told = AuditEntry.objects.filter(model="cashstatement").order_by("id")
    assert list(told.values_list("action", flat=True)) == ["added", "changed", "added"]


def test_workbooks_and_english_columns_are_read_and_numbers_are_guides(organization):
    delivered("56800000001")
    book = openpyxl.Workbook()
    book.active.append(["Statement", None, None])
    book.active.append(["Tracking number", "Fee", "Net", "Payment date"])
    book.active.append([56800000001, 1050.5, 48949.5, datetime(2026, 11, 20)])
    content = io.BytesIO()
    book.save(content)

    statement, _new = take_in(organization, content)

    line = statement.lines.get()
    assert (line.result, line.collected, line.fee) == (Result.MATCHED, 5_000_000, 105_050)
    assert line.paid_on == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (file("G1;mucho;;;", "G2;50.000;;;"), "2"),
        (file("5,68E+10;50.000;;;"), "2"),
        (file("G1;;;;"), "2"),
        (file("G1;50.000;;;mañana"), "mañana"),
        (file("a;b", heading="Uno;Dos"), "Guía"),
        (file("1;2", heading="Guía;Fecha"), "Recaudo"),
        (file(), "."),
        (io.BytesIO(b"\x00\x01\x02"), "."),
    ],
)
def test_a_file_with_one_wrong_row_is_refused_whole_and_the_row_is_named(
    organization, content, words
):
    with pytest.raises(DomainError, match=words):
        take_in(organization, content)

    assert not CashStatement.objects.exists()


def test_a_statement_of_one_carrier_leaves_the_guides_of_another_alone(organization):
    ours, other = make.carrier_account(), make.carrier_account()
    delivered("G1", account=other)

    statement, _new = take_in(organization, file("G1;50.000;;;"), account=ours)

    assert results(statement) == {"G1": Result.UNKNOWN}


def test_what_no_statement_names_is_missing_after_two_weeks(organization):
    delivered("new", days=3)
    late = delivered("late", days=16)
    delivered("paid", days=16)
    delivered("prepaid", 0, days=16)
    delivered("returned", days=16, state="returned")
    take_in(organization, file("paid;50.000;;;"))

    assert list(cash.missing(organization, now=NOW)) == [late]


def test_a_difference_is_settled_once_with_a_note(organization):
    delivered("G1")
    actor = make.member("owner")
    statement, _new = take_in(organization, file("G1;40.000;;;"), actor=actor)
    line = statement.lines.get()

    cash.settle(line, "Lo descontaron", now=NOW, actor=actor)
    with pytest.raises(cash.NothingToSettle):
        cash.settle(line, "Otra vez", now=NOW, actor=actor)

    line.refresh_from_db()
    assert (line.note, line.settled_by, line.needs_person) == ("Lo descontaron", actor, False)
    assert AuditEntry.objects.filter(model="cashline", action="changed").count() == 1


def test_what_was_written_off_gives_way_to_the_money_and_comes_back_when_that_is_undone(
    organization,
):
    shipment, actor = delivered("G1", days=20), make.member("owner")
    written = cash.write_off(shipment, "La perdieron", now=NOW, actor=actor)
    with pytest.raises(cash.NothingToSettle):
        cash.write_off(shipment, "Otra vez", now=NOW, actor=actor)
    assert not cash.missing(organization, now=NOW).exists()

    statement, _new = take_in(organization, file("G1;50.000;;;"), actor=actor)
    assert results(statement) == {"G1": Result.MATCHED}
    assert counted() == [statement.lines.get().pk]

    cash.undo(statement, now=NOW, actor=actor)
    assert counted() == [written.pk]


def counted() -> list:
    return list(CashLine.objects.filter(is_counted=True).values_list("pk", flat=True))


def test_a_delivery_that_is_told_later_makes_its_line_match(organization):
    shipment = delivered("G1", state="in_transit", delivered_at=None)
    statement, _new = take_in(organization, file("G1;50.000;;;"))
    line = statement.lines.get()
    assert cash.look_again(line, now=NOW) is False

    shipment.state = "delivered"
    shipment.save(update_fields=["state"])
    line = statement.lines.get()
    assert cash.look_again(line, now=NOW) is True
    assert results(statement) == {"G1": Result.MATCHED}


@pytest.mark.django_db(transaction=True)
def test_two_people_with_one_file_make_one_statement(open_shop):
    delivered("G1")
    people, told = [make.member("owner") for _each in range(2)], []
    start = Barrier(2)

    def give(actor):
        with scope(organization=open_shop):
            start.wait()
            told.append(take_in(open_shop, file("G1;50.000;;;"), actor=actor))
        connection.close()

    threads = [Thread(target=give, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(is_new for _statement, is_new in told) == [False, True]
    assert CashLine.objects.count() == 1


def test_the_report_adds_up_by_carrier_and_week(organization, django_assert_num_queries):
    account = make.carrier_account(name="Venndelo")
    delivered("G1", account=account, days=0)
    delivered("G2", account=account, days=0)
    delivered("late", 7_000_000, days=21)
    delivered("old", days=400)
    delivered("real", days=0)
    take_in(organization, file("G1;50.000;1.050;48.950;", "real;40.000;;;"))

    with django_assert_num_queries(1):
        found = cash_report.report(organization, weeks=12, now=NOW)

    rows = {(row.carrier, row.shipments): row for row in found.rows}
    ours = rows["Venndelo", 2]
    assert (ours.expected, ours.collected, ours.fees, ours.paid) == (
        10_000_000,
        5_000_000,
        105_000,
        4_895_000,
    )
    assert (ours.awaited, ours.missing) == (5_000_000, 0)
    assert ours.week == (
        timezone.localtime(NOW).date() - timedelta(days=timezone.localtime(NOW).weekday())
    )
    assert (found.total.shipments, found.total.missing, found.total.missing_count) == (
        4,
        7_000_000,
        1,
    )
    lines = list(cash_report.as_csv(organization, found))
    assert len(lines) == 4
    assert "48950" in "".join(lines)
