"""A task that is queued finds a worker that knows it."""

from django.apps import apps
from django.conf import settings

from config import local
from config.celery import app


def modules_with_tasks() -> set[str]:
    ours = [local.PROJECT / name for name in apps.app_configs if (local.PROJECT / name).is_dir()]
    return {
        ".".join(path.relative_to(local.PROJECT).with_suffix("").parts)
        for folder in ours
        for path in folder.rglob("*.py")
        if "@shared_task" in path.read_text()
    }


def test_a_worker_knows_every_task_and_those_of_the_clock_exist():
    assert modules_with_tasks() == set(settings.CELERY_IMPORTS)

    app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)
