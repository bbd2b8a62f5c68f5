"""Starts the processes of an installation that is killed on purpose.

Every process is a fork of this one, which loaded the whole program before: loading takes longer
than most of them live. It reads one wish a line, and answers each with one line of JSON.
"""

import json
import os
import re
import shlex
import signal
import sys
from importlib import import_module
from pathlib import Path

import django
from celery.__main__ import main as celery

_PROCFILE = Path(__file__).parents[2] / "Procfile"


def worker() -> None:
    """Be what the Procfile calls the worker."""
    line = re.search(r"^worker: python -m (celery .*)$", _PROCFILE.read_text(), re.MULTILINE)[1]
    line = re.sub(r"\$\{(\w+):-(\w*)\}", lambda found: os.environ.get(*found.groups()), line)
    sys.argv = shlex.split(line)
    celery()


def call(target: str, arguments: dict, answer: str) -> None:
    """Call a function and leave what it gives in a file."""
    module, name = target.split(":")
    given = getattr(import_module(module), name)(**arguments)
    Path(answer).write_text(json.dumps(given))


def _fork(wish: dict, log) -> int:
    if process := os.fork():
        return process
    code = 1
    try:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        if "call" in wish:
            call(wish["call"], wish["arguments"], wish["answer"])
        else:
            worker()
        code = 0
    except SystemExit as ended:
        code = int(bool(ended.code))
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(code)


def main(log_path: str) -> None:
    log = open(log_path, "ab", buffering=0)  # noqa: SIM115 (held for life)
    answers, sys.stdout = sys.stdout, sys.stderr
    django.setup()
    for module in ("config.celery", "config.urls"):
        import_module(module)
    import_module("config.celery").app.loader.import_default_modules()
    alive = set()
    answers.write("{}\n")
    answers.flush()
    for line in sys.stdin:
        wish = json.loads(line)
        if "wait" in wish:
            told = {"code": os.waitstatus_to_exitcode(os.waitpid(wish["wait"], 0)[1])}
            alive.discard(wish["wait"])
        else:
            told = {"pid": _fork(wish, log)}
            alive.add(told["pid"])
        answers.write(json.dumps(told) + "\n")
        answers.flush()
    # Whoever wanted them is gone.
    for process in alive:
        os.kill(process, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1])
