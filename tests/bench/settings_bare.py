"""Settings of the bare limit: the same server and database, no middleware, one query a view."""

from tests.bench.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.bare"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [LOCAL_DIR / "bench"],  # noqa: F405
    }
]
