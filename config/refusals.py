"""What a shop that is open to the world must not start with: default, missing or mixed keys."""

import re
from collections.abc import Iterator, Mapping

from environ import Env
from sentry_sdk.utils import BadDsn, Dsn

_SHORTEST_SECRET = 32
_SHORTEST_TOKEN = 16
# What stands in examples, and what people type to get on.
_DEFAULTS = re.compile(
    r"django-insecure|change[-_ ]?me|example|default|your[-_ ]|the-same-everywhere|s3cr3t"
    r"|secret[-_ ]?key|password|placeholder|xxxx|1234567",
    re.IGNORECASE,
)
# Keys of services begin so; anything else is a key of something else.
_SERVICES = {
    "ANTHROPIC_API_KEY": r"sk-ant-[\w-]{20,}",
    "RESEND_API_KEY": r"re_\w{8,}",
}
SECRETS = (
    "SECRET_KEY",
    "FIELD_ENCRYPTION_KEYS",
    "METRICS_TOKEN",
    "DEMO_PASSWORD",
    "S3_SECRET_KEY",
    "RESEND_API_KEY",
    "ANTHROPIC_API_KEY",
)


def problems(given: Mapping[str, str], *, is_public: bool, is_embedded: bool) -> Iterator[str]:
    """Give everything that speaks against a start, each as one sentence that names its variable.

    `is_public` is a shop under https; `is_embedded` one that keeps its own keys and servers.
    """
    yield from _malformed(given)
    yield from _weak_keys(given, is_public=is_public, is_embedded=is_embedded)
    yield from _shared_keys(given)
    if is_public:
        yield from _unfit_for_the_public(given)


def _malformed(given: Mapping[str, str]) -> Iterator[str]:
    for name, pattern in _SERVICES.items():
        if given.get(name) and not re.fullmatch(pattern, given[name]):
            yield f"{name} is not a key of that service: it was cut, or is another one's."
    if given.get("METRICS_TOKEN") and len(given["METRICS_TOKEN"]) < _SHORTEST_TOKEN:
        yield f"METRICS_TOKEN must have at least {_SHORTEST_TOKEN} characters."
    if given.get("RESEND_API_KEY") and given.get("EMAIL_URL"):
        yield "EMAIL_URL and RESEND_API_KEY are both set: keep the one that shall send."
    try:
        if given.get("SENTRY_DSN"):
            Dsn(given["SENTRY_DSN"])
    except BadDsn:
        yield "SENTRY_DSN is not an address of Sentry."


def _weak_keys(given: Mapping[str, str], *, is_public: bool, is_embedded: bool) -> Iterator[str]:
    for name in ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS"):
        keys = _keys(given, name)
        if not keys:
            if not is_embedded and (is_public or name == "SECRET_KEY"):
                yield f"{name} is not set, and a real database needs it."
        elif is_public:
            yield from (f"{name} {problem}" for key in keys if (problem := _weakness(key)))


def _weakness(key: str) -> str:
    if _DEFAULTS.search(key):
        return "is a default or an example: make one of your own."
    if len(key) < _SHORTEST_SECRET or len(set(key)) < 10:
        return f"is too easy to guess: it needs {_SHORTEST_SECRET} random characters."
    return ""


def _shared_keys(given: Mapping[str, str]) -> Iterator[str]:
    owners: dict[str, str] = {}
    for name in SECRETS:
        for key in _keys(given, name):
            owner = owners.setdefault(key, name)
            if owner != name:
                yield f"{name} and {owner} hold the same key: each needs one of its own."


def _keys(given: Mapping[str, str], name: str) -> list[str]:
    value = given.get(name, "")
    parts = value.split(",") if name == "FIELD_ENCRYPTION_KEYS" else [value]
    return [part.strip() for part in parts if part.strip()]


def _unfit_for_the_public(given: Mapping[str, str]) -> Iterator[str]:
    def is_on(name: str) -> bool:
        return given.get(name, "").strip().lower() in Env.BOOLEAN_TRUE_STRINGS

    if is_on("DEBUG"):
        yield "DEBUG shows every visitor how the shop works inside: it must be false under https."
    if is_on("KAIU_LOCAL_UNSAFE"):
        yield "KAIU_LOCAL_UNSAFE loses orders with the power: it is for tests only."
    if given.get("DEMO_PASSWORD") and not is_on("PRACTICE_MAIL_FOR_ALL"):
        yield (
            "DEMO_PASSWORD is set: remove it, or say that this is a public demo "
            "with PRACTICE_MAIL_FOR_ALL=true."
        )
    if not given.get("EMAIL_URL") and not given.get("RESEND_API_KEY"):
        yield (
            "EMAIL_URL and RESEND_API_KEY are missing, so no mail would leave: set one, "
            "or choose files with EMAIL_URL=files://."
        )
    elif not given.get("EMAIL_URL", "").startswith("files://"):
        sender = given.get("DEFAULT_FROM_EMAIL", "")
        if not sender or "localhost" in sender:
            yield "DEFAULT_FROM_EMAIL is not set: mails need a sender of a domain that is yours."
