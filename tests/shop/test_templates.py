"""What every template keeps to, whoever writes it."""

import re

import pytest
from django.conf import settings

TEMPLATES = settings.BASE_DIR / "templates"
STATIC = settings.BASE_DIR / "static"
# E-mail programs read no style sheets.
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if "emails" not in path.parts)


def name(path):
    return str(path.relative_to(settings.BASE_DIR))


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_page_has_no_inline_style_or_script(path):
    written = path.read_text()

    inline_scripts = [
        tag
        for tag in re.findall(r"<script\b[^>]*>", written)
        if "src=" not in tag and 'type="application/' not in tag
    ]
    assert inline_scripts == []
    assert re.findall(r"<style\b|\sstyle\s*=|\son[a-z]+\s*=", written) == []


def test_every_outside_file_stands_with_its_version_and_licence():
    listed = (STATIC / "vendor" / "README.md").read_text()

    for folder in (path for path in (STATIC / "vendor").iterdir() if path.is_dir()):
        assert re.search(r"-\d+(\.\d+)+$", folder.name), folder.name
        assert f"`{folder.name}/`" in listed
        assert [path for path in folder.iterdir() if path.name.startswith("LICEN")], folder.name


@pytest.mark.parametrize("path", sorted((STATIC / "css").rglob("*.css")), ids=name)
def test_a_style_sheet_points_only_at_files_of_ours(path):
    addresses = re.findall(r'url\("?([^")]+)"?\)', path.read_text())

    assert [address for address in addresses if not (path.parent / address).is_file()] == []
