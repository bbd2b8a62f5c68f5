"""Running and undoing: everything once, whoever is killed, and nothing of anybody else."""

import io
import threading
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone, translation
from django_scopes import scope, scopes_disabled

from shop import imports, kit_making, stock
from shop.imports import running, tasks, undoing
from shop.models import (
    AuditEntry,
    Category,
    ImportChange,
    Product,
    ProductImport,
    StockLevel,
    StockMovement,
    Variant,
)
from tests import make

from . import tables

ACEITE = {"Nombre": "Aceite", "Opción 1": "Tamaño", "Precio": "24.900", "Existencias": "7"}
ROWS = [ACEITE | {"SKU": "A-10", "Valor 1": "10 ml"}, ACEITE | {"SKU": "A-30", "Valor 1": "30 ml"}]


def test_the_same_file_twice_changes_nothing(organization):
    tables.brought(tables.own(*ROWS))
    before = list(Variant.objects.order_by("pk").values())

    one = tables.brought(tables.own(*ROWS))

    assert (tables.outcome(one), one.changes.count()) == ((0, 0, 1, 0), 0)
    assert list(Variant.objects.order_by("pk").values()) == before
    assert StockMovement.objects.count() == 2


def test_stock_changes_by_movements_with_person_and_reason(organization):
    person = make.member("owner")
    first = tables.brought(tables.own(*ROWS), person=person)
    second = tables.brought(tables.table(["SKU", "Existencias"], ["A-10", "3"]), person=person)

    moved = StockMovement.objects.filter(variant__sku="A-10").order_by("pk")
    found = moved.values_list("quantity", "reason", "person", "reference")
    assert list(found) == [
        (7, "opening", person.pk, first.reference),
        (-4, "counted", person.pk, second.reference),
    ]
    assert stock.differences(organization) == []


def test_an_import_leaves_one_entry_in_the_audit(organization):
    one = tables.brought(tables.own(*ROWS), person=make.member("owner"))

    entry = AuditEntry.objects.get()
    assert (entry.row_id, entry.source) == (str(one.pk), "import")
    assert (entry.changes["status"], entry.changes["added"]) == ([None, "done"], [None, 1])
    tables.undone(one)
    assert AuditEntry.objects.first().changes["status"] == [None, "undone"]


def test_lists_and_search_know_what_came_in(organization):
    tables.brought(tables.own(*ROWS))

    product = Product.objects.get()
    assert (product.listing_price, product.is_available, product.is_low) == (2_490_000, True, False)
    assert Product.objects.filter(search="aceit").exists()
    assert list(Product.objects.visible()) == [product]


def test_a_dry_look_shows_what_would_change(organization):
    tables.brought(tables.own(*ROWS))

    one = tables.received(tables.table(["SKU", "Precio"], ["A-10", "26.000"]))
    (shown,) = imports.preview(one).products

    assert (shown.name, shown.outcome) == ("Aceite", "changed")
    (difference,) = shown.differences
    told = (difference.sku, difference.label, difference.before, difference.after)
    assert told == ("A-10", "Precio", "$\u00a024.900", "$\u00a026.000")
    assert Variant.objects.get(sku="A-10").price == 2_490_000


# --- Undoing --------------------------------------------------------------------------------------


def test_an_undo_gives_back_what_was_there(organization):
    product = make.product("Crema", variants=1, category=make.category("Cuidado"))
    variant = product.variants.get()
    before = (Product.objects.values().get(), Variant.objects.values().get())
    rows = [
        {
            "Nombre": "Crema",
            "Dirección web": product.slug,
            "SKU": variant.sku,
            "Precio": "1.000",
            "Existencias": "2",
            "Categoría": "Nueva",
            "Beneficios": "Suave",
            "Resumen": "Otra",
            "Peso (g)": "55",
        },
        {"Nombre": "Sobra", "Dirección web": "sobra", "SKU": "S", "Precio": "1.000"},
    ]
    one = tables.brought(tables.own(*rows))
    assert tables.outcome(one) == (1, 1, 0, 0)
    assert product.variants.get().stock.on_hand == 2

    one = tables.undone(one)

    assert (one.status, one.kept) == ("undone", 0)
    after = (Product.objects.values().get(), Variant.objects.values().get())
    for now, then in zip(after, before, strict=True):
        assert now | {"changed_at": 0} == then | {"changed_at": 0}
    assert product.variants.get().stock.on_hand == 10
    assert (Category.objects.count(), organization.benefits.count()) == (1, 0)
    assert stock.differences(organization) == []


def test_an_undo_keeps_what_somebody_changed_or_sold_since(organization):
    old = make.variant(sku="VIEJO", price=500_000)
    content = tables.own(
        {"SKU": "VIEJO", "Precio": "6.000", "Nombre": old.product.name},
        {"SKU": "NUEVO", "Precio": "7.000", "Nombre": "Nuevo", "Existencias": "5"},
    )
    one = tables.brought(content)
    assert tables.outcome(one) == (1, 1, 0, 0)
    Variant.objects.filter(sku="VIEJO").update(price=650_000)
    new = Variant.objects.get(sku="NUEVO")
    stock.move(new, -2, reason=StockMovement.Reason.SOLD)

    one = tables.undone(one)

    assert (one.status, one.kept) == ("undone", 2)
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.price, new.is_active, new.product.is_active) == (650_000, False, False)
    # What was not sold went as it came.
    assert new.stock.on_hand == 0
    kept = sorted(entry for change in one.changes.all() for entry in change.kept)
    assert kept == [["NUEVO", "retired"], ["VIEJO", "price"]]
    assert stock.differences(organization) == []


def test_what_was_added_and_bought_is_retired(organization):
    one = tables.brought(tables.own(*ROWS))
    variant = Variant.objects.get(sku="A-10")
    make.placed_order(variant)

    one = tables.undone(one)

    assert list(Variant.objects.values_list("sku", "is_active")) == [("A-10", False)]
    assert variant.stock.on_hand == 1
    assert (one.kept, stock.differences(organization)) == (1, [])


def test_an_undo_leaves_the_parts_of_what_became_a_kit_since(organization):
    kit, part = make.variant(sku="KIT", in_stock=4), make.variant(sku="PARTE", in_stock=10)
    one = tables.brought(tables.table(["SKU", "Existencias"], ["KIT", "0"]))
    kit_making.declare(kit, kit_making.Recipe(Variant.KitStock.PARTS, {part.pk: 2}))

    one = tables.undone(one)

    assert (one.kept, one.changes.get().kept) == (1, [["KIT", "stock"]])
    assert dict(StockLevel.objects.values_list("variant__sku", "on_hand")) == {
        "KIT": 0,
        "PARTE": 10,
    }
    assert stock.differences(organization) == []


# --- Interrupted ----------------------------------------------------------------------------------


def test_a_part_that_breaks_leaves_nothing_and_the_next_worker_goes_on(organization, monkeypatch):
    monkeypatch.setattr(running, "PART", 1)
    one = tables.started(tables.own(*tables.numbered(4)))

    def killed(row):
        if row.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        running.carry_on(one.pk, report=killed)
    assert (Product.objects.count(), ProductImport.objects.get().done) == (2, 2)
    # Its lease still holds: nobody else begins.
    running.carry_on(one.pk)
    assert Product.objects.count() == 2
    ProductImport.objects.update(claimed_until=timezone.now())

    tasks.sweep()

    one.refresh_from_db()
    assert (one.status, one.added, Product.objects.count()) == ("done", 4, 4)


def test_a_worker_that_lost_its_claim_does_nothing_more(organization, monkeypatch):
    monkeypatch.setattr(running, "PART", 1)
    one = tables.started(tables.own(*tables.numbered(3)))

    person = make.member("manager", name="Marta")
    running.carry_on(one.pk, report=lambda one: imports.stop(one, person=person))

    one.refresh_from_db()
    assert (one.status, one.reason, Product.objects.count()) == ("failed", "stopped", 1)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.changes["added"]) == (person, [None, 1])
    assert entry.changes["status"] == [None, "failed"]
    assert (tables.undone(one).status, Product.objects.count()) == ("undone", 0)


def test_a_product_that_the_database_refuses_keeps_nobody_else_out(organization):
    tables.brought(tables.own(*ROWS))
    first, last = tables.numbered(2)
    # Each takes the choice that the other still has: one statement cannot do that.
    swapped = [ROWS[0] | {"Valor 1": "30 ml"}, ROWS[1] | {"Valor 1": "10 ml"}]

    one = tables.brought(tables.own(first, *swapped, last))

    assert (tables.outcome(one), tables.faults(one)) == ((2, 0, 0, 1), [(3, "", "not_saved")])
    assert list(Variant.objects.filter(sku__startswith="A").values_list("sku", "option1")) == [
        ("A-10", "10 ml"),
        ("A-30", "30 ml"),
    ]
    assert list(one.changes.values_list("name", flat=True)) == ["P0", "P1"]


@contextmanager
def refused_progress():
    """Have the database refuse to write down how far an import is."""
    with connection.cursor() as cursor:
        cursor.execute(_REFUSE_PROGRESS)
        try:
            yield
        finally:
            cursor.execute("DROP FUNCTION refuse_progress() CASCADE")


_REFUSE_PROGRESS = """
CREATE FUNCTION refuse_progress() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE 'not now' USING ERRCODE = 'serialization_failure'; END $$;
CREATE TRIGGER refuse_progress BEFORE UPDATE OF done ON shop_productimport
    FOR EACH ROW WHEN (NEW.done > OLD.done) EXECUTE FUNCTION refuse_progress();
"""


@pytest.mark.django_db(transaction=True)
def test_a_part_is_written_and_counted_together_or_not_at_all():
    shop = make.organization()
    with scope(organization=shop):
        one = tables.started(tables.own(*ROWS))

        # The second half of a part: its products are written by then.
        with refused_progress(), pytest.raises(OperationalError, match="not now"):
            running.carry_on(one.pk)

        written = (Product, Category, ImportChange, StockMovement)
        assert [model.objects.count() for model in written] == [0, 0, 0, 0]
        ProductImport.objects.update(claimed_until=timezone.now())
        tasks.sweep()
        one.refresh_from_db()
        assert (one.status, one.added) == ("done", 1)
        assert [model.objects.count() for model in written] == [1, 1, 1, 2]


def test_a_killed_undo_goes_on_and_moves_stock_back_once(organization, monkeypatch):
    variants = [make.variant(sku=f"S{n}", in_stock=10) for n in range(4)]
    one = tables.brought(tables.table(["SKU", "Existencias"], *[[v.sku, "4"] for v in variants]))
    assert one.changed == 4
    monkeypatch.setattr(undoing, "_PART", 1)
    running.undo(one, person=None, now=timezone.now())

    def killed(row):
        if row.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        running.carry_on(one.pk, report=killed)
    ProductImport.objects.update(claimed_until=timezone.now())
    tasks.sweep()

    one.refresh_from_db()
    assert (one.status, one.kept, one.progress) == ("undone", 0, 100)
    assert set(StockLevel.objects.values_list("on_hand", flat=True)) == {10}
    assert StockMovement.objects.filter(reference__endswith="undone").count() == 4
    assert stock.differences(organization) == []


@pytest.mark.django_db(transaction=True)
def test_an_import_waits_for_a_database_that_went_away(monkeypatch):
    monkeypatch.setattr(running, "PART", 1)
    shop = make.organization()
    with scope(organization=shop):
        one = tables.started(tables.own(*tables.numbered(4)))

        def cut(row):
            if row.done == 2:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

        with pytest.raises(OperationalError):
            running.carry_on(one.pk, report=cut)
        connection.close()
        assert ProductImport.objects.get().status == "running"
        ProductImport.objects.update(claimed_until=timezone.now())

        tasks.sweep()

        assert (ProductImport.objects.get().status, Product.objects.count()) == ("done", 4)
        assert ImportChange.objects.count() == 4


# --- Several at once ------------------------------------------------------------------------------


@translation.override("en")
def test_a_second_import_of_one_shop_is_told_to_wait(organization):
    first, second = tables.received(tables.own(*ROWS)), tables.received(tables.own(*ROWS))
    running.start(first, person=None, now=timezone.now())

    with pytest.raises(imports.Busy, match="Another import"):
        running.start(second, person=None, now=timezone.now())

    second.refresh_from_db()
    assert second.status == "ready"


@translation.override("en")
def test_who_forgets_a_file_that_somebody_started_meanwhile_is_refused(organization):
    seen = tables.received(tables.own(*ROWS))
    running.start(ProductImport.objects.get(), person=None, now=timezone.now())

    with pytest.raises(imports.NotNow):
        imports.discard(seen)

    running.carry_on(seen.pk)
    assert (ProductImport.objects.get().status, ImportChange.objects.count()) == ("done", 1)


@pytest.mark.django_db(transaction=True)
def test_two_shops_import_at_once_and_no_row_crosses(monkeypatch):
    monkeypatch.setattr(running, "PART", 2)
    shops = [make.organization(), make.organization()]
    waiting = {}
    for shop in shops:
        with scope(organization=shop):
            rows = [
                {"Nombre": f"P{n}", "SKU": f"S{n}", "Precio": "1.000", "Existencias": "3"}
                | {"Categoría": f"C{n % 3}"}
                for n in range(10)
            ]
            waiting[shop] = tables.received(tables.own(*rows), name=shop.name)
            running.start(waiting[shop], person=None, now=timezone.now())
    start = threading.Barrier(4)

    def work(shop):
        try:
            start.wait()
            with scope(organization=shop):
                running.carry_on(waiting[shop].pk)
        finally:
            connections.close_all()

    # Two workers a shop: one of them finds nothing to do.
    threads = [threading.Thread(target=work, args=(shop,)) for shop in (*shops, *shops)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for shop in shops:
        with scope(organization=shop):
            assert ProductImport.objects.get().status == "done"
            assert ImportChange.objects.count() == Product.objects.count() == 10
            assert Category.objects.count() == 3
            assert StockMovement.objects.count() == 10
            assert stock.differences(shop) == []
            categories = Product.objects.values_list("category__organization", flat=True)
            assert set(categories) == {shop.pk}


@pytest.mark.django_db(transaction=True)
def test_a_price_that_somebody_saves_meanwhile_is_seen_before_it_is_changed(monkeypatch):
    shop = make.organization()
    with scope(organization=shop):
        variant = make.variant(sku="V", price=100_000)
        one = tables.started(tables.table(["SKU", "Precio"], ["V", "2.000"]))
        holds, goes = threading.Event(), threading.Event()

        def edit():
            try:
                with scope(organization=shop), transaction.atomic():
                    Product.objects.select_for_update(no_key=True).get(pk=variant.product_id)
                    Variant.objects.filter(pk=variant.pk).update(price=150_000)
                    holds.set()
                    goes.wait(20)
            finally:
                connections.close_all()

        editor = threading.Thread(target=edit)
        editor.start()
        holds.wait(20)
        importer = threading.Thread(target=_carry_on, args=(shop, one.pk))
        importer.start()
        _wait_for_a_lock()
        goes.set()
        editor.join()
        importer.join()

        change = ImportChange.objects.get()
        assert change.changes["variants"] == {str(variant.pk): {"price": [150_000, 200_000]}}


def _carry_on(shop, key):
    try:
        with scope(organization=shop):
            running.carry_on(key)
    finally:
        connections.close_all()


def _wait_for_a_lock():
    """Wait until a connection waits for another's lock."""
    with connection.cursor() as cursor:
        for _try in range(20_000):
            if cursor.execute(tables.WAITING).fetchone():
                return
    raise AssertionError("Nobody waits.")


# --- The command ----------------------------------------------------------------------------------


def ask(path, *options) -> tuple[int, str, str]:
    """Call the command; give its exit code and what it said."""
    told, errors = io.StringIO(), io.StringIO()
    code = 0
    try:
        with scopes_disabled():
            call_command("import_products", str(path), *options, stdout=told, stderr=errors)
    except SystemExit as ended:
        code = ended.code
    return code, told.getvalue(), errors.getvalue()


def test_the_command_imports_tells_faults_and_ends_with_one(organization, tmp_path):
    path = tmp_path / "catálogo.csv"
    path.write_bytes(tables.own(*ROWS, {"Nombre": "Malo", "SKU": "M", "Precio": "?"}))

    code, told, errors = ask(path, "--dry-run", "--organization", organization.slug)
    assert (code, Product.objects.count(), ProductImport.objects.count()) == (1, 0, 0)
    assert "1 added, 0 changed, 0 unchanged, 1 with errors." in told
    code, told, errors = ask(path, "--organization", organization.slug)
    assert (code, Product.objects.count()) == (1, 1)
    assert errors.startswith("line 4: Precio: «?»")
    path.write_bytes(tables.own(*ROWS))
    code, told, errors = ask(path)
    assert (code, errors) == (0, "")
    assert "1 unchanged" in told


def test_the_command_says_that_somebody_else_took_its_import_over(organization, tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(tables.own(*ROWS))

    class Screen(io.StringIO):
        def write(self, words):
            if "of 1 products" in words:
                ProductImport.objects.update(claim=uuid4())
            return super().write(words)

    with pytest.raises(CommandError, match="took this import over"), scopes_disabled():
        call_command("import_products", str(path), stdout=Screen())

    assert ProductImport.objects.get().status == "running"


def test_the_command_needs_a_rate_for_the_sample(organization, tmp_path):
    code, told, errors = ask(tables.SAMPLE)
    assert (code, Product.objects.count()) == (1, 0)
    assert "USD" in errors
    code, told, errors = ask(tables.SAMPLE, "--rate", "USD=4100", "--dry-run")
    assert (code, Product.objects.count()) == (0, 0)
    assert "37 added" in told
    with pytest.raises(CommandError, match="cuánto vale"):
        ask(tables.SAMPLE, "--rate", "USD=gratis")
    path = tmp_path / "x.csv"
    path.write_bytes(b"")
    with pytest.raises(CommandError, match="vacío"):
        ask(path)
