"""The demo is removed without a trace, and without what is a merchant's own.

Files are really gone then: these tests are the last of this folder.
"""

from django.db.models import Sum
from django_scopes import scope, scopes_disabled

from logistics.models import RateTable
from orders.models import (
    DailySales,
    Order,
    PaymentAccount,
    PaymentAttempt,
    Refund,
    ReturnRequest,
    Voucher,
)
from shop import customers, organizations, stock
from shop.demo import removing
from shop.models import (
    AuditEntry,
    Category,
    Customer,
    Membership,
    Organization,
    PostCategory,
    Product,
    ProductImport,
    StockCount,
    StockReservation,
    User,
)
from shop.roles import Role
from tests import make
from tests.demo.stored import files, proofs


def test_removal_leaves_other_shops_alone(kaiu, django_capture_on_commit_callbacks):
    other = make.organization()
    with scope(organization=other):
        make.member(Role.OWNER)
        mine = make.product()
        make.customer(email="camila.rodriguez@example.com")
    demo_files = {path for path in files() if path.parts[-3] in ("kaiu", "cafe-la-vereda")}
    demo_proofs = proofs(kaiu)

    with django_capture_on_commit_callbacks(execute=True):
        removed = removing.remove()

    assert sorted(removed.gone) == ["Café La Vereda", "KAIU Natural Living"]
    assert list(Organization.objects.all()) == [other]
    assert not User.objects.filter(is_demo=True).exists()
    with scope(organization=other):
        assert list(Product.objects.all()) == [mine]
        assert Customer.objects.count() == 1
        assert Membership.objects.count() == 1
    assert demo_files
    assert not demo_files & files()
    assert demo_proofs
    assert not demo_proofs & proofs(kaiu)


def test_removal_keeps_what_a_merchant_added_to_the_demo_shop(kaiu):
    own_way = make.rate_table()
    shelf = Category.objects.get(slug="velas")
    mine = make.product("Vela de abeja", category=shelf)
    owner = make.member(Role.OWNER)
    subject = make.post_category("Cera de abejas")

    removed = removing.remove()

    assert removed.kept == ["KAIU Natural Living"]
    assert list(Product.objects.all()) == [mine]
    assert list(PostCategory.objects.all()) == [subject]
    assert list(RateTable.objects.all()) == [own_way]
    assert not ProductImport.objects.exists()
    assert not StockCount.objects.exists()
    assert not AuditEntry.objects.filter(model="productimport").exists()
    assert set(Category.objects.values_list("slug", flat=True)) == {"velas", "bienestar"}
    assert [membership.user for membership in Membership.objects.all()] == [owner]
    assert Organization.objects.get(slug="kaiu").is_demo is False


def test_removal_keeps_a_demo_person_whom_another_shop_has_taken_on(kaiu):
    other = make.organization()
    with scope(organization=other):
        organizations.add_member(other, email="bodega@kaiu.example", role=Role.WAREHOUSE)

    removing.remove()

    assert list(User.objects.values_list("email", flat=True)) == ["bodega@kaiu.example"]


def test_removal_takes_practice_purchases_along(kaiu):
    lavender = Product.objects.get(slug="aceite-esencial-de-lavanda").variants.first()
    mine = make.placed_order(lavender)

    removed = removing.remove()

    # Who bought is nobody of the demo: the customer stays, and the shop with them.
    assert removed.kept == ["KAIU Natural Living"]
    assert list(Customer.objects.all()) == [mine.customer]
    with scopes_disabled():
        for model in (Order, PaymentAccount, PaymentAttempt, Refund, ReturnRequest, Voucher):
            assert not model.objects.exists(), model
        assert not StockReservation.objects.exists()


def test_removal_takes_what_the_demos_own_people_bought(kaiu):
    owner = User.objects.get(email="propietaria@kaiu.example")
    make.placed_order(customer=customers.of_user(kaiu, owner), provider="practice")
    Product.objects.filter(is_demo=False).update(is_demo=True)

    removed = removing.remove()

    assert removed.kept == []
    assert not Organization.objects.filter(slug="kaiu").exists()


def test_removal_leaves_a_merchants_own_orders_alone(kaiu):
    own = make.variant(make.product(in_stock=0, variants=0))
    account = make.payment_account(name="Mi banco")
    order = make.placed_order(own, quantity=2)
    other = make.organization()
    with scope(organization=other):
        theirs = make.placed_order()

    Order.objects.filter(pk=order.pk).update(account=account)
    order.attempts.update(account=account)
    removing.remove()

    assert list(Order.objects.values_list("pk", flat=True)) == [order.pk]
    assert list(PaymentAccount.objects.all()) == [account]
    assert stock.promised(order.pk) == {own.pk: 2}
    assert stock.differences(kaiu) == []
    with scope(organization=other):
        assert list(Order.objects.all()) == [theirs]


def test_what_was_really_sold_stays_with_its_product_and_customer(kaiu):
    buyer = Customer.objects.get(email="laura.cifuentes@example.com")
    real = buyer.orders.earliest("number")
    Order.objects.filter(pk=real.pk).update(is_test=False)

    removing.remove()

    assert list(Order.objects.all()) == [real]
    counted = DailySales.objects.filter(is_test=False).aggregate(sum=Sum("sales"))["sum"]
    assert counted == real.paid
    assert not DailySales.objects.filter(is_test=True).exists()
    assert list(Customer.objects.all()) == [buyer]
    sold = set(Product.objects.values_list("slug", flat=True))
    assert sold == {"aceite-esencial-de-lavanda", "aceite-de-jojoba"}
    assert not Product.objects.filter(is_demo=True).exists()
