import io
import re
from contextlib import redirect_stderr

import pytest
import yaml
from django.core.management import call_command
from django.urls import get_resolver
from rest_framework.test import APIClient


def test_the_schema_is_valid_without_warnings_and_holds_every_route(tmp_path):
    file, said = tmp_path / "schema.yml", io.StringIO()
    with redirect_stderr(said):
        call_command("spectacular", "--fail-on-warn", "--validate", "--file", str(file))

    assert "arning" not in said.getvalue()
    described = {_plain(path) for path in yaml.safe_load(file.read_text())["paths"]}
    assert described == set(_routes())


def _routes():
    """Give the routes of the API, apart from the pages that show the schema itself."""
    for name, entries in get_resolver().namespace_dict["api"][1].reverse_dict.lists():
        if name in ("schema", "docs", "unknown") or not isinstance(name, str):
            continue
        for possibilities, *_rest in entries:
            for route, _parameters in possibilities:
                yield _plain("/api/" + re.sub(r"%\((\w+)\)s", r"{\1}", route))


def _plain(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


def test_the_schema_says_what_errors_look_like(organization):
    schema = APIClient().get("/api/schema/").json()

    calls = [call for path in schema["paths"].values() for call in path.values()]
    assert len(calls) > 30
    assert all("default" in call["responses"] for call in calls)
    assert set(schema["components"]["schemas"]["Error"]["required"]) == {
        "code",
        "message",
        "fields",
    }
    assert set(schema["components"]["securitySchemes"]) == {"token", "session"}


def test_shoppers_and_staff_see_described_shapes(organization):
    schemas = APIClient().get("/api/schema/").json()["components"]["schemas"]

    assert "is_active" not in schemas["Product"]["properties"]
    assert {"is_active", "changed_at"} <= schemas["StaffProduct"]["properties"].keys()


def test_the_documentation_asks_nothing_of_other_hosts_and_holds_no_inline_script(organization):
    client = APIClient()
    page = client.get("/api/docs/", headers={"Accept": "text/html"})
    script = client.get("/api/docs/?script=", headers={"Accept": "*/*"})

    html = page.content.decode()
    assert page.status_code == script.status_code == 200
    assert script["Content-Type"].startswith("application/javascript")
    assert re.findall(r"<script(?![^>]* src=)", html) == []
    assert re.findall(r"<style|style=|onload=", html) == []
    addresses = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert len(addresses) >= 5
    assert all(address.startswith("/") for address in addresses)
    assert "http://" not in script.content.decode().replace("http://testserver", "")
    assert "https://" not in script.content.decode()


@pytest.mark.parametrize("asset", ["swagger-ui.css", "swagger-ui-bundle.js"])
def test_the_documentation_is_served_from_here(organization, asset):
    from django.contrib.staticfiles import finders

    assert finders.find(f"drf_spectacular_sidecar/swagger-ui-dist/{asset}")
