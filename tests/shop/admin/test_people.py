"""Colleagues and their roles, in the back-office."""

import pytest
from django.core import mail
from django.utils import timezone

from shop.models import AuditEntry, Membership
from tests import make
from tests.shop.admin.back_office import change, client_of, errors_of, send


def invite(client, **values):
    values = {"email": "Nueva@Example.com", "name": "Nueva", "role": "support", **values}
    return client.post("/admin/shop/membership/invitar/", values)


def membership_of(client):
    return Membership.objects.get(user=client.user)


def test_an_owner_invites_by_email(owner):
    invite(owner, role="owner")

    assert [message.to for message in mail.outbox] == [["nueva@example.com"]]
    membership = Membership.objects.get(user__email="nueva@example.com")
    assert (membership.role, membership.is_active) == ("owner", True)
    assert membership.user.has_usable_password() is False


def test_an_administrator_gives_no_role_above_their_own(owner):
    admin = client_of("admin")

    response = invite(admin, role="owner")

    assert list(response.context["form"].errors) == ["role"]
    assert Membership.objects.count() == 2


def test_an_invitation_does_not_change_who_already_works_here(owner):
    admin = client_of("admin")

    response = invite(admin, email=owner.user.email, role="viewer")

    assert response.context["form"].non_field_errors()
    assert membership_of(owner).role == "owner"


@pytest.mark.parametrize("values", [{"role": "viewer", "is_active": "on"}, {"role": "owner"}])
def test_an_administrator_changes_no_owner(owner, values):
    admin = client_of("admin")
    make.member("owner")

    response = admin.post(change(membership_of(owner)), values)

    assert response.status_code == 403
    assert (membership_of(owner).role, membership_of(owner).is_active) == ("owner", True)


def test_nobody_raises_a_role_above_their_own(owner):
    admin = client_of("admin")

    response = admin.post(change(membership_of(admin)), {"role": "owner", "is_active": "on"})

    assert list(errors_of(response)) == ["role"]
    assert membership_of(admin).role == "admin"


@pytest.mark.parametrize("values", [{"role": "viewer"}, {"is_active": None}])
def test_the_last_owner_stays(owner, values):
    response = send(owner, change(membership_of(owner)), **values)

    assert response.status_code == 302
    assert (membership_of(owner).role, membership_of(owner).is_active) == ("owner", True)
    page = owner.get(change(membership_of(owner))).content.decode()
    assert "The last owner must stay. Make someone else an owner first." in page
    assert not AuditEntry.objects.exists()


def test_one_of_two_owners_may_step_back(owner):
    make.member("owner")

    send(owner, change(membership_of(owner)), role="manager")

    assert membership_of(owner).role == "manager"


def test_a_deactivated_colleague_is_out_at_the_next_request(owner):
    colleague = client_of("manager")
    assert colleague.get("/admin/").status_code == 200

    send(owner, change(membership_of(colleague)), is_active=None)

    assert colleague.get("/admin/").status_code == 404


def test_who_never_came_is_invited_again_and_nobody_else(owner):
    person = make.member("viewer")
    membership = Membership.objects.get(user=person)
    address = f"/admin/shop/membership/{membership.pk}/invitar-otra-vez/"

    assert address in owner.get("/admin/shop/membership/").content.decode()
    owner.post(address)

    membership.refresh_from_db()
    assert membership.invited_at is not None
    assert [message.to for message in mail.outbox] == [[person.email]]
    assert AuditEntry.objects.get().actor == owner.user
    above = Membership.objects.get(user=owner.user)
    refused = client_of("admin").post(f"/admin/shop/membership/{above.pk}/invitar-otra-vez/")
    assert refused.status_code == 403
    Membership.objects.filter(pk=membership.pk).update(last_seen_on=timezone.localdate())
    assert owner.post(address).status_code == 404
    assert len(mail.outbox) == 1
