"""Who may know whom (STYLE §2): calls go down, and an import stands at the top of its module."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# What each part may import of ours, beside itself.
MAY_IMPORT = {
    "config.lib": set(),
    "shop": {"config.lib"},
    "logistics": {"shop", "config.lib"},
    "orders": {"logistics", "shop", "config.lib"},
    "knowledge": {"shop", "config.lib"},
    "support": {"orders", "logistics", "knowledge", "shop", "config.lib"},
    # The wiring knows everybody.
    "config": {"support", "orders", "logistics", "knowledge", "shop", "config.lib"},
}
# What points up for a reason.
EXCEPTIONS = {
    ("shop.management.commands.load_demo", "config.local"): "Keeps the demo's password.",
}
# An import inside a function needs a reason.
INSIDE_FUNCTIONS = {
    "shop/apps.py": "Receivers import models, which are ready only then.",
    "logistics/apps.py": "Receivers import models, which are ready only then.",
    "orders/apps.py": "Receivers import models, which are ready only then.",
}


def part_of(module: str) -> str | None:
    """Give the part of the project that a module belongs to; None when it is not ours."""
    if module == "config.lib" or module.startswith("config.lib."):
        return "config.lib"
    first = module.partition(".")[0]
    return first if first in MAY_IMPORT else None


def imported(tree: ast.AST, module: str, *, is_package: bool) -> list[tuple[int, str]]:
    """Give every module that a source imports, with its line; relative ones in full."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = module.split(".")
                parts = parts[: len(parts) - node.level + (1 if is_package else 0)]
                base = ".".join(filter(None, [*parts, node.module]))
            # "from config import lib" names a module, "from shop import stock" as well.
            found += [(node.lineno, f"{base}.{alias.name}") for alias in node.names]
    return found


def violations(source: str, module: str, *, is_package: bool = False) -> list[str]:
    """Give what a module imports and may not, each as a sentence."""
    part = part_of(module)
    allowed = MAY_IMPORT[part] | {part}
    return [
        f"{module}:{line} imports {name}, and {part} may not know {part_of(name)}."
        for line, name in imported(ast.parse(source), module, is_package=is_package)
        if part_of(name) is not None
        and part_of(name) not in allowed
        and (module, name) not in EXCEPTIONS
    ]


def inner_imports(source: str) -> list[int]:
    """Give the lines of imports that stand inside a function."""
    return [
        node.lineno
        for function in ast.walk(ast.parse(source))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]


def sources():
    """Give every module of ours: its path, its dotted name, and whether it is a package."""
    for top in ("config", "shop", "logistics", "orders", "knowledge", "support"):
        for path in sorted((ROOT / top).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            is_package = parts[-1] == "__init__"
            yield path, ".".join(parts[:-1] if is_package else parts), is_package


def test_imports_point_down():
    found = []
    for path, module, is_package in sources():
        found += violations(path.read_text(encoding="utf-8"), module, is_package=is_package)

    assert not found, "\n".join(found)


def test_imports_stand_at_the_top():
    found = []
    for path in [*(path for path, _module, _package in sources()), ROOT / "manage.py"]:
        name = path.relative_to(ROOT).as_posix()
        lines = inner_imports(path.read_text(encoding="utf-8"))
        if lines and name not in INSIDE_FUNCTIONS:
            found.append(f"{name}: lines {lines}")

    assert not found, "\n".join(found)


def test_every_exception_is_still_needed():
    needless = [
        name
        for name in INSIDE_FUNCTIONS
        if not inner_imports((ROOT / name).read_text(encoding="utf-8"))
    ]
    known = {
        (module, name)
        for path, module, is_package in sources()
        for _line, name in imported(
            ast.parse(path.read_text(encoding="utf-8")), module, is_package=is_package
        )
    }
    needless += [pair for pair in EXCEPTIONS if pair not in known]

    assert needless == []


# --- The checker itself -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("shop.stock", "from orders import cart"),
        ("shop.stock", "import orders.cart as basket"),
        ("shop.stock", "from config import settings"),
        ("shop.stock", "import config.settings"),
        ("shop.models.stock", "from ...orders import cart"),
        ("orders.cart", "from knowledge.articles import publish"),
        ("knowledge.articles", "import orders"),
        ("knowledge.articles", "from logistics import quotes"),
        ("logistics.quotes", "from orders.models import Order"),
        ("config.lib.money", "from shop.models import Product"),
        ("config.lib.money", "from .. import settings"),
        ("orders.cart", "def view():\n    from support import live"),
        ("orders.cart", "if True:\n    import support.live"),
    ],
)
def test_a_planted_violation_is_found(module, source):
    assert len(violations(source, module)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("shop.stock", "from config.lib import money\nfrom config.lib.money import label"),
        ("shop.stock", "from . import catalogue\nfrom .models import Variant"),
        ("shop.models.stock", "from ..roles import Role\nfrom .catalogue import Variant"),
        ("support.live", "from orders import cart\nfrom knowledge import articles\nimport shop"),
        ("config.urls", "import support.urls\nfrom shop.admin.site import site"),
        ("config.lib.money", "from .errors import DomainError\nimport re\nimport django"),
        ("orders.cart", "import shopify\nfrom supportive import configuration"),
    ],
)
def test_what_points_down_is_left_alone(module, source):
    assert violations(source, module) == []


def test_a_relative_import_of_a_package_is_read_from_the_package():
    assert violations("from .models import Order", "shop", is_package=True) == []
    assert len(violations("from ...orders import cart", "shop.admin", is_package=True)) == 1


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("import re\n\ndef f():\n    return re", []),
        ("def f():\n    import re", [2]),
        ("class A:\n    async def f(self):\n        from shop import stock", [3]),
        ("if True:\n    import re", []),
    ],
)
def test_an_import_inside_a_function_is_found(source, lines):
    assert inner_imports(source) == lines
