"""manage.py create_organization: open a merchant's shop with its first owner."""

import sys

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.urls import reverse
from django.utils.text import slugify

from ... import organizations
from ...models import Domain, Organization, User

_QUESTIONS = {
    "name": "Name of the shop",
    "slug": "Short name",
    "host": "Host name",
    "owner_email": "E-mail of the owner",
}


class Command(BaseCommand):
    help = "Open an organization: its shop at a host name, and its owner, who signs in by link."

    def add_arguments(self, parser):
        parser.add_argument("--name", help="as people read it, such as KAIU Natural Living")
        parser.add_argument("--slug", help="short and lasting, such as kaiu")
        parser.add_argument("--host", help="where the shop answers, such as tienda.example.com")
        parser.add_argument("--owner-email", help="who owns it; this person gets no password")
        parser.add_argument("--owner-name", default="")
        parser.add_argument("--language", default="es", choices=[code for code, _ in _languages()])
        parser.add_argument("--currency", default="COP")
        parser.add_argument("--timezone", default="America/Bogota")

    def handle(self, *args, **options):
        answers = self._answers(options)
        fields = {name: options[name] for name in ("language", "currency", "timezone")}
        try:
            _check(answers)
            organization = organizations.create(
                **answers, owner_name=options["owner_name"], **fields
            )
        except ValidationError as error:
            raise CommandError(_in_words(error)) from error
        self.stdout.write(
            f"{organization.name} is open at {_address(answers['host'], '/')} in test mode.\n"
            f"{answers['owner_email']} owns it. There is no password: ask for a sign-in link at\n"
            f"{_address(answers['host'], reverse('account_sign_in_link'))}"
        )

    def _answers(self, options) -> dict[str, str]:
        """Give what was passed, and ask a person at the keyboard for what was not."""
        answers = {}
        for key, question in _QUESTIONS.items():
            answer = options[key]
            if not answer:
                if not sys.stdin.isatty():
                    raise CommandError(f"--{key.replace('_', '-')} is missing.")
                proposal = slugify(answers["name"])[:40] if key == "slug" else ""
                answer = input(f"{question}{f' [{proposal}]' if proposal else ''}: ") or proposal
            answers[key] = answer.strip()
        answers["host"] = organizations.clean_host(answers["host"])
        answers["owner_email"] = User.objects.clean_email(answers["owner_email"])
        return answers


def _check(answers: dict[str, str]) -> None:
    """Refuse every wrong answer at once, each by its name."""
    errors = {}
    if Organization.objects.filter(slug=answers["slug"]).exists():
        errors["slug"] = f"{answers['slug']} is taken."
    if Domain.objects.filter(host=answers["host"]).exists():
        errors["host"] = f"{answers['host']} belongs to another shop."
    try:
        validate_email(answers["owner_email"])
    except ValidationError as error:
        errors["owner_email"] = error
    if errors:
        raise ValidationError(errors)


def _in_words(error: ValidationError) -> str:
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return "\n".join(
        f"--{field.replace('_', '-')}: {' '.join(messages)}"
        for field, messages in error.message_dict.items()
    )


def _address(host: str, path: str) -> str:
    local = host == "localhost" or host.endswith(".localhost")
    port = f":{settings.PORT}" if local else ""
    return f"{settings.SITE_SCHEME}://{host}{port}{path}"


def _languages() -> list[tuple[str, str]]:
    return settings.LANGUAGES
