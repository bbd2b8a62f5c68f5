"""Settings of the server that is measured: those of production, on a database of its own."""

from config.settings import *  # noqa: F403

DATABASES["default"]["NAME"] = "kaiu_bench"  # noqa: F405
# The demo shop's pictures of this database stay apart from those of a developer's.
MEDIA_ROOT = LOCAL_DIR / "bench" / "media"  # noqa: F405
LOGGING["root"]["level"] = "ERROR"  # noqa: F405
# Tasks for this database never reach a developer's worker.
CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] = "kaiu.bench.tasks."  # noqa: F405
CACHES["default"]["KEY_PREFIX"] = VALKEY_PREFIX = "kaiu.bench"  # noqa: F405
