"""Every variable that the code reads is written down for the operator."""

import re

import pytest

from config import local, refusals

READ = re.compile(r"""(?:env(?:\.\w+)?|kept)\(\s*["']([A-Z][A-Z0-9_]+)["']""")
PROCFILE = re.compile(r"\$\{([A-Z_]+)")


def variables() -> set[str]:
    settings = (local.PROJECT / "config" / "settings.py").read_text()
    procfile = (local.PROJECT / "Procfile").read_text()
    return {*READ.findall(settings), *PROCFILE.findall(procfile), *refusals.SECRETS}


@pytest.mark.parametrize(
    ("name", "line"), [(".env.example", r"^#?{}="), ("README.md", r"^\| `{}`")]
)
def test_every_variable_is_explained(name, line):
    text = (local.PROJECT / name).read_text()

    unexplained = {
        variable
        for variable in variables()
        if not re.search(line.format(variable), text, re.MULTILINE)
    }

    assert unexplained == set()
