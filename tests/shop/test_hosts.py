"""Whose shop answers at a host, and in whose time."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone
from django_scopes import scope
from django_scopes.exceptions import ScopeError

from config.lib import memory
from shop.models import AuditEntry, Customer, Domain, Product, StockMovement
from tests import make

pytestmark = pytest.mark.django_db


def status_at(client, host: str) -> int:
    memory.clear_all()
    return client.get("/", headers={"host": host}).status_code


def test_a_custom_domain_answers_once_it_is_verified(client):
    shop = make.organization(host="luna.localhost", name="Luna")
    domain = Domain.objects.create(organization=shop, host="www.luna.com.co")
    assert status_at(client, "www.luna.com.co") == 404

    domain.verified_at = timezone.now()
    domain.save()

    assert status_at(client, "www.luna.com.co") == 200
    assert "Luna" in client.get("/", headers={"host": "WWW.Luna.com.co:8443"}).content.decode()


@pytest.mark.parametrize(
    "host", ["", "nadie.example", "luna.localhost.evil.example", "a b", "[::1]"]
)
def test_an_unknown_or_malformed_host_is_a_clear_404(client, host):
    make.organization(host="luna.localhost")

    answer = client.get("/", headers={"host": host})

    assert answer.status_code == 404
    assert "<h1>" in answer.content.decode()


def test_a_closed_organization_answers_as_if_it_did_not_exist(client):
    shop = make.organization(host="luna.localhost")
    assert status_at(client, "luna.localhost") == 200

    shop.is_active = False
    shop.save()

    assert status_at(client, "luna.localhost") == 404


def test_times_print_in_the_zone_of_the_shop(client):
    shop = make.organization(host="tijuana.localhost", timezone="America/Tijuana")
    with scope(organization=shop):
        owner = make.member("owner")
        entry = AuditEntry.objects.create(
            organization=shop, actor=owner, actor_label="Ana", action="added", row_label="Luna"
        )
        moment = datetime(2026, 1, 15, 6, 30, tzinfo=UTC)
        AuditEntry.objects.filter(pk=entry.pk).update(at=moment)
    memory.clear_all()
    client.force_login(owner)

    page = client.get("/admin/shop/auditentry/", headers={"host": "tijuana.localhost"})

    assert "14 de " in page.content.decode()
    assert "22:30" in page.content.decode()


@pytest.mark.parametrize("model", [Product, Customer, StockMovement, AuditEntry])
def test_a_query_outside_a_scope_raises(model):
    for ask in ("all", "count", "exists", "first"):
        with pytest.raises(ScopeError):
            list(model.objects.all()) if ask == "all" else getattr(model.objects, ask)()
    with pytest.raises(ScopeError):
        list(model.objects.exclude(pk=None))
