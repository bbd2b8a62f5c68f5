"""Every benchmark of the shop, each beside its bare limit in the same run."""

import json
import random
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import django
import psycopg
import redis

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django_scopes import scope, scopes_disabled  # noqa: E402

from config.lib import memory  # noqa: E402
from shop import page_cache  # noqa: E402
from shop.models import Membership, Organization, Product, User  # noqa: E402
from tests.bench import (  # noqa: E402
    backoffice,
    buying,
    carrier_prices,
    delivery,
    finding,
    first_view,
    imports,
    papers,
    purchase,
    sales,
    seed,
    server,
    tracking,
    warehouse,
    webhooks,
)

ROUNDS = 3
SMALL, MIDDLE, LARGE = seed.SIZES
FOLDER = Path(settings.LOCAL_DIR) / "bench"


@dataclass(frozen=True)
class Figure:
    """One line of the table: a value, the bare limit beside it, and what was asked."""

    name: str
    value: float
    unit: str
    limit: float | None
    ratio: float | None
    target: str
    ok: bool


figures: list[Figure] = []


def record(name, measured, unit, *, at_least=None, at_most=None) -> None:
    """Add a figure: a Pair (or its three numbers) is held against its limit, a number by itself."""
    if isinstance(measured, tuple):
        measured = Pair(*measured)
    value, limit, ratio = measured, None, None
    if isinstance(measured, Pair):
        value, limit, ratio = measured.rate, round(measured.limit, 2), round(measured.ratio, 3)
    judged = value if ratio is None else ratio
    ok = (at_least is None or judged >= at_least) and (at_most is None or judged <= at_most)
    target = f">= {at_least:g}" if at_least is not None else f"<= {at_most:g}"
    figures.append(Figure(name, round(value, 2), unit, limit, ratio, target, ok))
    print(_line(figures[-1]), flush=True)  # noqa: T201


def _line(figure: Figure) -> str:
    limit = "" if figure.limit is None else f"{figure.limit:10.1f}"
    ratio = "" if figure.ratio is None else f"{figure.ratio:6.2f}"
    mark = "ok" if figure.ok else "MISSED"
    return (
        f"{figure.name:58} {figure.value:10.2f} {figure.unit:5} "
        f"{limit:>10} {ratio:>6} {figure.target:>8}  {mark}"
    )


def everything() -> None:
    """Measure all, write .local/bench.json, and end with an error when a target was missed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    prepare()
    print(f"{'':58} {'value':>10} {'':5} {'limit':>10} {'ratio':>6} {'target':>8}")  # noqa: T201
    write_bare_pages()
    count_queries()
    measure_pages()
    measure_kept_pages()
    measure_search()
    measure_admin()
    backoffice.measure(record)
    warehouse.measure(record)
    papers.measure(record, Pair)
    finding.measure(record)
    measure_first_view()
    measure_buying()
    small = Organization.objects.get(slug=f"bench-{SMALL}")
    delivery.measure(record, Pair, small)
    carrier_prices.measure(record, small)
    imports.measure(record, folder=FOLDER)
    tracking.measure(record)
    measure_memory()
    result = Path(settings.LOCAL_DIR) / "bench.json"
    result.write_text(json.dumps([asdict(figure) for figure in figures], indent=1))
    sys.exit(0 if all(figure.ok for figure in figures) else 1)


def prepare() -> None:
    """Make the database and the shops to measure, unless an earlier run left them."""
    parameters = connection.get_connection_params()
    parameters = {
        name: parameters[name]
        for name in ("host", "port", "user", "password")
        if parameters.get(name)
    }
    with psycopg.connect(dbname="postgres", autocommit=True, **parameters) as maintenance:
        found = maintenance.execute("SELECT 1 FROM pg_database WHERE datname = 'kaiu_bench'")
        if found.fetchone() is None:
            maintenance.execute("CREATE DATABASE kaiu_bench")
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    (settings.MEDIA_ROOT / "pictures").mkdir(parents=True, exist_ok=True)
    for size in seed.SIZES:
        seed.ensure(size)
    first_view.prepare()
    for size in seed.SIZES:
        page_cache.raise_version(Organization.objects.get(slug=f"bench-{size}").pk)


def paths(size: int, kind: str, *, count: int = 200) -> list[str]:
    """Give addresses of pages of one kind, spread over the whole shop."""
    chance = random.Random(7)
    if kind == "product":
        return [f"/productos/producto-{chance.randrange(size)}/" for _ in range(count)]
    if kind == "category":
        return [f"/categorias/seccion-{top}-{below}/" for top in range(8) for below in range(4)]
    return ["/productos/"]


def fetch(address: str, *, size: int) -> str:
    memory.clear_all()
    answer = Client().get(address, headers={"host": seed.host(size)})
    assert answer.status_code == 200, address
    return answer.content.decode()


def write_bare_pages() -> None:
    """Turn real pages into templates of the same size: the same words, the row's as variables."""
    with scopes_disabled():
        row = Product.objects.filter(organization__slug=f"bench-{LARGE}").values(
            "slug", "name", "summary"
        )[0]
    page = fetch(f"/productos/{row['slug']}/", size=LARGE)
    for field, value in row.items():
        page = page.replace(value, "{{ " + field + " }}")
    (FOLDER / "product.html").write_text(page)
    page = fetch("/productos/", size=LARGE)
    before, first, rest = page.partition('<li class="card')
    card, _end, after = rest.partition("</ul>")
    card = first + card.split('<li class="card')[0]
    with scopes_disabled():
        row = (
            Product.objects.filter(organization__slug=f"bench-{LARGE}", listing_price__isnull=False)
            .order_by("-published_at", "-id")
            .values("slug", "name", "summary")[0]
        )
    for field, value in row.items():
        card = card.replace(value, "{{ card." + field + " }}")
    (FOLDER / "list.html").write_text(
        before + "{% for card in cards %}" + card + "{% endfor %}</ul>" + after
    )


def count_queries() -> None:
    """Count what a page asks of the database when this process remembers nothing."""
    for kind, most in (("product", 6), ("list", 6), ("category", 6)):
        address = paths(LARGE, kind)[0]
        page_cache.raise_version(Organization.objects.get(slug=f"bench-{LARGE}").pk)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            fetch(address, size=LARGE)
        record(f"queries of a {kind} page", len(captured), "", at_most=most)


@dataclass(frozen=True)
class Pair:
    """A rate and its bare limit, loaded in turn, so that both saw the same machine."""

    rate: float
    limit: float
    ratio: float


def in_turn(ours: tuple, bare: tuple, **options) -> Pair:
    """Load our address and the bare one in turn.

    Each is (address, paths, host), with headers and a body to post where the view wants them.
    """
    rates = []
    for _ in range(ROUNDS):
        rates.append([_load(*wanted, **options).rate for wanted in (ours, bare)])
    return Pair(
        rate=statistics.median(rate for rate, _limit in rates),
        limit=statistics.median(limit for _rate, limit in rates),
        ratio=statistics.median(rate / limit for rate, limit in rates),
    )


def _load(address, wanted, host, headers=None, body="", **options) -> server.Load:
    options = {"folder": FOLDER, "headers": headers, "body": body, **options}
    return server.load(address, wanted, host=host, **options)


def measure_pages() -> None:
    """Pages with nothing kept, beside a bare view with one query and a template of their size."""
    kinds = {"product": 0.5, "list": 0.35, "category": 0.35}
    with (
        server.running("tests.bench.settings", PAGE_CACHE="0") as (ours, _process),
        server.running(*server.BARE) as (bare, _process),
    ):
        for kind, share in kinds.items():
            for size in (MIDDLE, LARGE):
                wanted = paths(size, kind)
                pair = in_turn(
                    (ours, wanted, seed.host(size)),
                    (bare, [f"/bench-{size}{path}" for path in wanted], "localhost"),
                    gzip=False,
                )
                record(f"{kind} page, nothing kept, {size} products", pair, "/s", at_least=share)
            pair = in_turn(
                (ours, paths(LARGE, kind), seed.host(LARGE)),
                (ours, paths(SMALL, kind), seed.host(SMALL)),
                gzip=False,
            )
            name = f"{kind} page, {LARGE} products against {SMALL}"
            record(name, pair, "/s", at_least=0.8)


def measure_kept_pages() -> None:
    """The same pages from the shared cache, beside a bare view that reads as much from it."""
    with (
        server.running("tests.bench.settings") as (ours, _process),
        server.running(*server.BARE) as (bare, _process),
    ):
        for kind in ("product", "list", "category"):
            wanted = paths(LARGE, kind, count=20)
            headers = {"host": seed.host(LARGE), "accept-encoding": "gzip"}
            page = Client().get(wanted[0], headers=headers)
            redis.Redis.from_url(settings.REDIS_URL).set(f"bench:{kind}", page.content, ex=600)
            pair = in_turn(
                (ours, wanted, seed.host(LARGE)), (bare, [f"/kept/{kind}/"], "localhost")
            )
            record(f"{kind} page from the shared cache", pair, "/s", at_least=0.7)


def measure_search() -> None:
    """Search of words, misspelt ones among them, in the largest shop."""
    words = ["lavanda", "labanda", "jabon+de+cocko", "aceite+romero", "crema", "serun+de+argan"]
    words += ["vela+naranja", "menta+fresca", "bruma+de+rosas", "difusores", "zedro", "zzzz"]
    wanted = [f"/buscar/?q={word}" for word in words]
    loads = []
    with server.running("tests.bench.settings") as (address, _process):
        for _ in range(ROUNDS):
            loads.append(
                server.load(address, wanted, host=seed.host(LARGE), folder=FOLDER, seconds=5)
            )
    rate = statistics.median(load.rate for load in loads)
    record(f"search page, {LARGE} products", rate, "/s", at_least=100)
    p99 = statistics.median(load.p99 for load in loads)
    record(f"search page, {LARGE} products, p99", p99, "ms", at_most=100)


def measure_admin() -> None:
    """The list of products in the back-office of the largest shop: its queries and its time."""
    organization = Organization.objects.get(slug=f"bench-{LARGE}")
    owner, _created = User.objects.get_or_create(email="bench@example.com")
    with scope(organization=organization):
        Membership.objects.get_or_create(organization=organization, user=owner, role="owner")
    client = Client(headers={"host": seed.host(LARGE)})
    client.force_login(owner, backend=settings.AUTHENTICATION_BACKENDS[-1])
    address = "/admin/shop/product/"
    assert client.get(address).status_code == 200
    times = []
    with CaptureQueriesContext(connection) as captured:
        for _ in range(10):
            begun = time.perf_counter()
            client.get(address)
            times.append((time.perf_counter() - begun) * 1000)
    record("queries of the admin's product list", len(captured) / 10, "", at_most=20)
    name = f"admin's product list, {LARGE} products, median"
    record(name, statistics.median(times), "ms", at_most=200)


def measure_first_view() -> None:
    """The list page of the demo shop on a phone with slow 4G."""
    with server.running("tests.bench.settings") as (address, _process):
        port = address.rpartition(":")[2]
        views = [
            first_view.measure(f"http://localhost:{port}/productos/", folder=FOLDER)
            for _ in range(ROUNDS)
        ]
    sizes, paints, shifts = zip(
        *((view.kilobytes, view.largest_paint, view.shift) for view in views), strict=True
    )
    record("list page, first view, pictures apart", statistics.median(sizes), "kB", at_most=120)
    record("list page, largest paint on slow 4G", statistics.median(paints), "s", at_most=2.5)
    record("list page, layout shift", max(shifts), "", at_most=0.01)


def measure_buying() -> None:
    """Placing orders, buying over HTTP, notices of gateways, and the sales they make."""
    organization, host = Organization.objects.get(slug=f"bench-{SMALL}"), seed.host(SMALL)
    buying.measure(record, organization)
    purchase.measure(record, in_turn, organization, host)
    webhooks.measure(record, organization, host, folder=FOLDER)
    sales.measure(record)


def measure_memory() -> None:
    """Memory of a web process after 10,000 requests of every kind, and how much it still grows."""
    wanted = [
        path for kind in ("product", "list", "category") for path in paths(LARGE, kind, count=500)
    ] + ["/", "/buscar/?q=lavanda"]
    with server.running("tests.bench.settings", PAGE_CACHE="0") as (address, process):
        _serve(address, wanted, requests=10_000)
        middle = _largest_worker(process)
        _serve(address, wanted, requests=10_000)
        end = _largest_worker(process)
    record("memory of a web process after 10,000 requests", middle, "MB", at_most=180)
    growth = Pair(rate=end, limit=middle, ratio=end / middle)
    record("memory after as many again", growth, "MB", at_most=1.05)


def _serve(address: str, wanted: list[str], *, requests: int) -> None:
    served = 0.0
    while served < requests:
        load = server.load(address, wanted, host=seed.host(LARGE), folder=FOLDER, seconds=5)
        served += load.rate * 5 / server.WORKERS


def _largest_worker(process) -> float:
    return max(child.memory_info().rss for child in process.children()) / 1024 / 1024
