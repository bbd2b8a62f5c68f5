import email
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail as django_mail
from django.core.mail import EmailMultiAlternatives

from config.lib import mail, memory
from shop import mails
from tests import make
from tests.shop.signing_in import browser, new_email

FOLDER = "0190a1b2-0000-7000-8000-000000000000"


@pytest.fixture
def folder(settings, tmp_path):
    settings.MAIL_DIRECTORY = tmp_path
    settings.MAIL_DELIVERY_BACKEND = "config.lib.mail.FileBackend"
    return tmp_path


@pytest.fixture
def queued(settings, folder):
    settings.EMAIL_BACKEND = "config.lib.mail.QueuedBackend"


def message(**fields) -> EmailMultiAlternatives:
    fields = {
        "subject": "Hola ñandú 😀",
        "body": "Cuerpo",
        "from_email": '"Tienda, la mejor" <no-reply@example.com>',
        "to": ["ana@example.com"],
        "reply_to": ["tienda@example.com"],
        "headers": {mail.FOLDER_HEADER: FOLDER},
        **fields,
    }
    message = EmailMultiAlternatives(**fields)
    message.attach_alternative("<p>Cuerpo</p>", "text/html")
    message.attach("factura.pdf", b"%PDF-\xff", "application/pdf")
    message.attach("nota.txt", "ñ", "text/plain")
    return message


def test_a_message_comes_out_of_the_queue_as_it_went_in(folder):
    mail.deliver.delay(message=mail.packed(message()))

    (file,) = folder.glob(f"{FOLDER}/*.eml")
    read = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert (read["subject"], read["to"]) == ("Hola ñandú 😀", "ana@example.com")
    assert read["from"].addresses[0].display_name == "Tienda, la mejor"
    assert read["reply-to"] == "tienda@example.com"
    assert read.get_body(("plain",)).get_content().strip() == "Cuerpo"
    assert read.get_body(("html",)).get_content().strip() == "<p>Cuerpo</p>"
    pdf, note = read.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content()) == ("factura.pdf", b"%PDF-\xff")
    assert note.get_filename() == "nota.txt"


def test_a_mail_leaves_when_its_transaction_is_over(
    db, folder, queued, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as waiting:
        assert message().send() == 1
    assert not list(folder.glob("*/*.eml"))

    for callback in waiting:
        callback()

    assert len(mail.written(FOLDER)) == 1


class Unreachable:
    """A mail service that is down for the first two tries."""

    tries = 0

    def __init__(self, *args, **kwargs):
        pass

    def send_messages(self, messages):
        type(self).tries += 1
        if self.tries < 3:
            raise SMTPServerDisconnected("gone")
        django_mail.outbox.extend(messages)


def test_a_mail_is_tried_again_while_the_service_is_down(settings, monkeypatch):
    # As a worker does: it takes a retry for a retry and not for an error.
    monkeypatch.setitem(mail.deliver.app.conf, "task_eager_propagates", False)
    settings.MAIL_DELIVERY_BACKEND = f"{__name__}.Unreachable"
    Unreachable.tries = 0

    mail.deliver.apply(kwargs={"message": mail.packed(message())})

    assert Unreachable.tries == 3
    assert [sent.to for sent in django_mail.outbox] == [["ana@example.com"]]


@pytest.mark.parametrize("name", ["../../etc", "", "a/b", "con\nraya"])
def test_no_mail_is_written_or_read_outside_its_folder(folder, name):
    mail.FileBackend().send_messages([message(headers={mail.FOLDER_HEADER: "x"})])

    assert [file.parent.name for file in folder.glob("**/*.eml")] == ["other"]
    assert mail.written_one(name, "../secret") is None
    assert mail.written_one(FOLDER, name) is None


def test_a_mail_carries_the_shops_name_and_colours_in_the_language_of_the_moment(organization):
    organization.name = "Tienda <Ñ> & \n Cía"
    organization.brand_colour = "#123abc"
    organization.email = "hola@example.com"

    composed = mails.compose(
        organization,
        "sign_in_link",
        to="ana@example.com",
        context={"url": "https://x.example/?a=1&b=2", "minutes": 15},
    )

    assert "Tienda <Ñ> &" in composed.subject
    assert "\n" not in composed.subject
    assert composed.reply_to == ["hola@example.com"]
    assert "https://x.example/?a=1&b=2" in composed.body
    html = composed.alternatives[0].content
    assert "Tienda &lt;Ñ&gt; &amp;" in html
    assert "#123abc" in html
    assert composed.message()["From"]


# --- The practice mail ------------------------------------------------------------------------


def write(organization, subject):
    mail.FileBackend().send_messages(
        [message(subject=subject, headers={mail.FOLDER_HEADER: str(organization.pk)})]
    )


def test_the_mails_of_a_practice_shop_are_read_on_its_machine(organization, folder):
    write(organization, "De esta tienda")
    write(make.organization(), "De otra tienda")
    here = browser(REMOTE_ADDR="127.0.0.1")

    page = here.get("/practica/correo/").content.decode()

    assert "De esta tienda" in page
    assert "De otra tienda" not in page
    ((name, _message),) = mail.written(str(organization.pk))
    assert "Cuerpo" in here.get(f"/practica/correo/{name}/").content.decode()
    assert here.get("/practica/correo/1-a/").status_code == 404


def test_nobody_else_reads_them(organization, folder, settings):
    write(organization, "Secreto")
    local = {"REMOTE_ADDR": "127.0.0.1"}

    assert browser().get("/practica/correo/").status_code == 404
    proxied = browser(**local, HTTP_X_FORWARDED_FOR="203.0.113.1")
    assert proxied.get("/practica/correo/").status_code == 404
    settings.MAIL_DELIVERY_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert browser(**local).get("/practica/correo/").status_code == 404
    settings.MAIL_DELIVERY_BACKEND = "config.lib.mail.FileBackend"
    organization.is_live = True
    organization.save()
    memory.clear_all()
    assert browser(**local).get("/practica/correo/").status_code == 404


def test_a_sign_in_link_travels_by_queue_and_file_to_the_practice_mail(
    organization, queued, django_capture_on_commit_callbacks
):
    user = make.user(email=new_email())
    with django_capture_on_commit_callbacks(execute=True):
        browser().post("/cuenta/enlace/", {"email": user.email})

    ((_name, read),) = mail.written(str(organization.pk))
    assert read["to"] == user.email
    assert "/cuenta/enlace/" in read.get_body(("plain",)).get_content()
