"""Keys of encrypted text can be changed while the shop runs."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from config import checks
from config.lib import rotation, secrecy
from orders.models import PaymentAccount, SavedMethod
from tests import make

OLD, NEW = "the first key, long enough to be one", "the second key, as long as the first"


@pytest.fixture(autouse=True)
def _old_key(settings):
    settings.FIELD_ENCRYPTION_KEYS = [OLD]


def filled(organization) -> None:
    """Write something into every encrypted column."""
    for number in range(5):
        make.payment_account("wompi", secrets={"private_key": f"prv_test_{number}"})
    SavedMethod.objects.create(
        customer=make.customer(),
        account=PaymentAccount.objects.first(),
        secrets={"source": "3891"},
        fingerprint="1",
        label="Visa •••• 4242",
        consented_at=timezone.now(),
        consent_version="2026-11",
    )
    make.carrier_account("venndelo", secrets={"api_key": "a key"})
    user = make.user()
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(user)


def read() -> list:
    totp = Authenticator.objects.get(type="totp")
    codes = Authenticator.objects.get(type="recovery_codes")
    return [
        sorted(account.secrets["private_key"] for account in PaymentAccount.objects.all()),
        secrecy.decrypt(totp.data["secret"]),
        secrecy.decrypt(codes.data["seed"]),
    ]


def rotate(**options) -> str:
    said = StringIO()
    call_command("rotate_keys", stdout=said, **options)
    return said.getvalue()


def test_every_column_that_holds_encrypted_text_is_known(organization):
    filled(organization)
    found = set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND data_type IN ('text', 'jsonb', 'character varying')"
        )
        for table, column in cursor.fetchall():
            cursor.execute(f"""SELECT 1 FROM {table} WHERE "{column}"::text LIKE '%gAAAA%'""")
            if cursor.fetchone():
                found.add((table, column))

    assert found == {(column.table, column.name) for column in rotation.columns()}


def test_rotated_rows_need_the_new_key_alone(organization, settings):
    filled(organization)
    before = read()
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]

    assert read() == before
    assert rotate(dry_run=True) == "9 rows remain.\n"
    said = rotate(chunk=2)

    assert "orders_paymentaccount: 2 done, 3 remain" in said
    assert said.endswith("Every row is under the newest key.\n")
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert read() == before
    assert rotate() == "Every row is under the newest key.\n"


def test_a_rotation_that_was_stopped_goes_on_where_it_was(organization, settings):
    filled(organization)
    before = read()
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    column = next(one for one in rotation.columns() if one.table == "orders_paymentaccount")
    steps = rotation.rotate(column, chunk=2)
    next(steps)
    steps.close()

    assert rotate(dry_run=True) == "7 rows remain.\n"
    rotate()

    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert read() == before


def test_a_forgotten_key_stops_command_and_start_with_a_sentence(organization, settings):
    filled(organization)
    settings.FIELD_ENCRYPTION_KEYS = [NEW]

    name = secrecy.name_of(OLD)
    with pytest.raises(CommandError, match=f"lacks the key named {name}"):
        rotate()
    [error] = checks.check_servers(databases=["default"])
    assert (error.id, name in error.msg) == ("kaiu.E005", True)
    with pytest.raises(secrecy.Unreadable, match="FIELD_ENCRYPTION_KEYS"):
        read()


def test_text_from_before_there_were_own_keys_is_read_and_rotated(organization, settings):
    filled(organization)
    before = read()
    # As it was: under the secret key, and without a name.
    settings.FIELD_ENCRYPTION_KEYS = [settings.SECRET_KEY]
    rotate_from(OLD, settings)
    with connection.cursor() as cursor:
        for table, column, kind in [
            ("orders_paymentaccount", "secrets", "text"),
            ("orders_savedmethod", "secrets", "text"),
            ("logistics_carrieraccount", "secrets", "text"),
            ("mfa_authenticator", "data", "jsonb"),
        ]:
            cursor.execute(
                f"UPDATE {table} SET {column} = "
                f"regexp_replace({column}::text, '[0-9a-f]{{8}}:gAAAA', 'gAAAA', 'g')::{kind}"
            )
    settings.FIELD_ENCRYPTION_KEYS = [NEW]

    assert read() == before
    assert rotate().endswith("Every row is under the newest key.\n")

    settings.SECRET_KEY = "another, and nobody misses the old one"
    assert read() == before


def rotate_from(old: str, settings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [*settings.FIELD_ENCRYPTION_KEYS, old]
    rotate()


def test_what_only_looks_encrypted_is_told_and_left(organization, settings):
    account = make.payment_account("wompi", secrets={"private_key": "prv_test_1"})
    strange = Fernet(Fernet.generate_key()).encrypt(b"{}").decode()
    PaymentAccount.objects.filter(pk=account.pk).update(secrets={})
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders_paymentaccount SET secrets = %s", [strange])

    with pytest.raises(CommandError, match="1 rows cannot be read"):
        rotate()

    with connection.cursor() as cursor:
        cursor.execute("SELECT secrets FROM orders_paymentaccount")
        assert cursor.fetchall() == [(strange,)]
