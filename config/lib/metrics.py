"""Counters of the whole installation, added up in Valkey.

A request only adds to a dictionary; a thread brings the sums to Valkey every few seconds. So every
process counts on every machine, and whichever web process is asked knows all of it.
"""

import atexit
import json
import logging
from threading import Lock

import redis
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

from . import valkey
from .bell import Bell

logger = logging.getLogger(__name__)

_SECONDS = 2
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, float("inf"))
_COUNTERS = {
    "kaiu_requests": "Requests, by view and status.",
    "kaiu_queries": "Statements that requests sent to the database, by view.",
    "kaiu_tasks": "Tasks that ended, by name and outcome.",
    "kaiu_outside_calls": "Calls of outside services, by service and outcome.",
    "kaiu_webhooks": "Notices that came in, by sender and outcome.",
}
_HISTOGRAMS = {
    "kaiu_request_seconds": "How long requests took, by view.",
    "kaiu_task_seconds": "How long tasks took, by name.",
    "kaiu_task_wait_seconds": "How long tasks waited in the queue, by name.",
    "kaiu_outside_call_seconds": "How long outside services took, by service.",
}

_pending: dict[tuple, float] = {}
_lock = Lock()
# Whoever asks for the sums waits for those that are on their way.
_bringing = Lock()


def count(name: str, amount: float = 1, **labels: str) -> None:
    """Add to a counter."""
    _add((name, "", *labels.items()), amount)
    _bell.ring()


def observe(name: str, seconds: float, **labels: str) -> None:
    """Put a duration into its histogram."""
    bucket = next(limit for limit in _BUCKETS if seconds <= limit)
    _add((name, str(bucket), *labels.items()), 1)
    _add((name, "sum", *labels.items()), seconds)
    _bell.ring()


def _add(key: tuple, amount: float) -> None:
    with _lock:
        _pending[key] = _pending.get(key, 0) + amount


def bring() -> None:
    """Add what was counted here to the sums of the installation; what fails is tried again."""
    with _bringing:
        with _lock:
            sums = dict(_pending)
            _pending.clear()
        if not sums:
            return
        try:
            pipeline = valkey.opened().pipeline(transaction=True)
            for (name, part, *labels), amount in sums.items():
                field = json.dumps([name, part, labels])
                pipeline.hincrbyfloat(_key(), field, round(amount, 6))
            pipeline.execute()
        except redis.RedisError:
            for key, amount in sums.items():
                _add(key, amount)


_bell = Bell(bring, seconds=_SECONDS)
atexit.register(bring)


def _key() -> str:
    return valkey.key("metrics")


def written(gauges: dict[str, tuple[str, dict[tuple[tuple[str, str], ...], float]]]) -> bytes:
    """Give everything in the text format of Prometheus, with gauges that were looked at now."""
    bring()
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Kept(valkey.opened().hgetall(_key()), gauges))
    return generate_latest(registry)


class _Kept:
    """The sums as families of metrics."""

    def __init__(self, sums: dict[bytes, bytes], gauges: dict):
        self._gauges = gauges
        self._parts: dict[str, dict[tuple, dict[str, float]]] = {}
        for field, amount in sums.items():
            name, part, labels = json.loads(field)
            key = tuple((label, value) for label, value in labels)
            self._parts.setdefault(name, {}).setdefault(key, {})[part] = float(amount)

    def collect(self):
        for name, text in _COUNTERS.items():
            if rows := self._parts.get(name):
                family = CounterMetricFamily(name, text, labels=_names(rows))
                for labels, parts in sorted(rows.items()):
                    family.add_metric([value for _label, value in labels], parts[""])
                yield family
        for name, text in _HISTOGRAMS.items():
            if rows := self._parts.get(name):
                family = HistogramMetricFamily(name, text, labels=_names(rows))
                for labels, parts in sorted(rows.items()):
                    family.add_metric(
                        [value for _label, value in labels], _cumulated(parts), parts.get("sum", 0)
                    )
                yield family
        for name, (text, rows) in self._gauges.items():
            if rows:
                family = GaugeMetricFamily(name, text, labels=_names(rows))
                for labels, amount in rows.items():
                    family.add_metric([value for _label, value in labels], amount)
                yield family


def _names(rows: dict[tuple, object]) -> list[str]:
    return [label for label, _value in next(iter(rows))]


def _cumulated(parts: dict[str, float]) -> list[tuple[str, float]]:
    total, buckets = 0.0, []
    for limit in _BUCKETS:
        total += parts.get(str(limit), 0)
        buckets.append(("+Inf" if limit == float("inf") else str(limit), total))
    return buckets
