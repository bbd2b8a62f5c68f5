"""Settings of the tests: quick password hashes, mail in memory, files thrown away."""

import os
import tempfile
from pathlib import Path

# Servers of their own, without fsync: never those that hold a shop's rows.
os.environ.setdefault("KAIU_LOCAL_DIR", str(Path(__file__).parent.parent / ".local" / "test"))
os.environ.setdefault("KAIU_LOCAL_UNSAFE", "1")

from config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MAIL_DELIVERY_BACKEND = EMAIL_BACKEND
MEDIA_ROOT = tempfile.mkdtemp(prefix="kaiu-media-")
STORAGES = {
    **STORAGES,  # noqa: F405
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tempfile.mkdtemp(prefix="kaiu-private-")},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
# Stubs of outside services listen on loopback.
HTTP_PRIVATE_HOSTS = ["127.0.0.1"]
