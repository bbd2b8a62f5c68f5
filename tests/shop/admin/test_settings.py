"""The settings of a shop: typed in the back-office, and true at once where they matter."""

import pytest
from django.core import mail

from config.lib import memory
from shop import mails, sequences
from shop.models import AuditEntry
from tests.shop.admin.back_office import change, client_of, errors_of, send


def test_hours_of_a_week_stand_on_the_pages_and_in_the_audit(owner, organization, client):
    send(
        owner,
        change(organization),
        opening_hours_Mo="8-12, 14:00-18:00",
        opening_hours_Tu="14:00-18:00, 8.00–12",
        opening_hours_Sa="9-13",
    )
    memory.clear_all()

    organization.refresh_from_db()
    assert organization.opening_hours == (
        "Mo 08:00-12:00,14:00-18:00\nTu 08:00-12:00,14:00-18:00\nSa 09:00-13:00"
    )
    shown = client.get("/paginas/nosotros/", headers={"cookie": "kaiu_language=en"})
    words = shown.content.decode()
    assert "Monday to Tuesday: 08:00–\u206012:00, 14:00–\u206018:00" in words
    assert "Wednesday to Friday: Closed" in words
    assert "Public holidays: Closed" in words
    entry = AuditEntry.objects.get()
    assert (entry.actor, list(entry.changes)) == (owner.user, ["opening_hours"])


@pytest.mark.parametrize("typed", ["8", "12-8", "8-25", "8:70-9", "8-12, 11-14", "mañana"])
def test_hours_that_are_none_are_refused_with_their_day(owner, organization, typed):
    response = send(owner, change(organization), opening_hours_We=typed)

    assert errors_of(response)["opening_hours"][0].startswith("Wednesday: ")


def test_what_stands_in_the_form_is_no_change(owner, organization):
    organization.opening_hours, organization.minimum_order = "Mo 08:00-12:00", 5_000_000
    organization.save()

    send(owner, change(organization))

    organization.refresh_from_db()
    assert (organization.opening_hours, organization.minimum_order) == ("Mo 08:00-12:00", 5_000_000)
    assert not AuditEntry.objects.exists()


def test_a_minimum_order_is_typed_as_money_and_told_in_the_cart(owner, organization):
    refused = send(owner, change(organization), minimum_order="abc")
    send(owner, change(organization), minimum_order="50.000")

    organization.refresh_from_db()
    assert list(errors_of(refused)) == ["minimum_order"]
    assert organization.minimum_order == 5_000_000
    assert AuditEntry.objects.get().changes == {"minimum_order": [0, 5_000_000]}


def test_the_currency_stays_once_a_number_of_an_order_was_given(owner, organization):
    sequences.next_number(organization, "order")

    send(owner, change(organization), currency="USD", tagline="Calma")

    organization.refresh_from_db()
    assert (organization.currency, organization.tagline) == ("COP", "Calma")


def test_mails_carry_the_senders_name_and_only_addresses_the_installation_may_use(
    owner, organization, settings
):
    settings.MAIL_SENDER_DOMAINS = ["tienda.example"]

    refused = send(owner, change(organization), mail_address="yo@otra.example")
    send(
        owner,
        change(organization),
        mail_name="Luna de KAIU",
        mail_address="hola@tienda.example",
        reply_to="respuestas@tienda.example",
    )
    owner.post(f"/admin/shop/organization/{organization.pk}/correo-de-prueba/")

    assert list(errors_of(refused)) == ["mail_address"]
    sent = mail.outbox[-1]
    assert sent.from_email == "Luna de KAIU <hola@tienda.example>"
    assert (sent.reply_to, sent.to) == (["respuestas@tienda.example"], [owner.user.email])
    # A domain that is withdrawn later is no sender any more.
    settings.MAIL_SENDER_DOMAINS = []
    organization.refresh_from_db()
    message = mails.compose(organization, "test_mail", to="a@example.com", context={})
    assert "hola@tienda.example" not in message.from_email


def test_who_only_looks_changes_no_setting_and_sends_no_mail(organization):
    manager = client_of("manager")

    answer = manager.post(change(organization), {"name": "Otra"})
    test = manager.post(f"/admin/shop/organization/{organization.pk}/correo-de-prueba/")

    assert (answer.status_code, test.status_code) == (403, 403)
    assert mail.outbox == []


def test_two_editors_of_the_settings_the_later_is_told(owner, organization):
    from_browser = send  # The form as the second person saw it, sent after the first one saved.
    page = change(organization)
    organization.opening_hours = "Mo 08:00-12:00"
    organization.save()

    response = from_browser(
        owner,
        page,
        **{"initial-opening_hours": "Mo 07:00-11:00", "opening_hours_Mo": "7-10"},
    )

    assert "changed this from" in errors_of(response)["opening_hours"][0]


def test_plans_are_for_operators(owner, organization):
    send(owner, change(organization), plan="scale")
    organization.refresh_from_db()
    assert organization.plan == "start"

    owner.user.is_superuser = True
    owner.user.save()
    send(owner, change(organization), plan="scale")
    organization.refresh_from_db()
    assert organization.plan == "scale"
    assert AuditEntry.objects.get().changes == {"plan": ["start", "scale"]}


def test_who_hears_of_orders_is_written_as_addresses(owner, organization):
    refused = send(owner, change(organization), orders_mailed_to="bodega@example.com\nnadie")
    assert errors_of(refused)["orders_mailed_to"] == ["“nadie” is no e-mail address."]

    send(owner, change(organization), orders_mailed_to="bodega@example.com, ana@example.com")

    organization.refresh_from_db()
    assert organization.orders_mailed_to == "bodega@example.com, ana@example.com"
