"""How the database plans what it is asked."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def planned_each_time() -> Iterator[None]:
    """Have every statement planned for its own values, instead of once for all of them.

    A statement that came ten times gets one plan for whatever it is asked with: for the few orders
    that wait as for the many that are done. The lists of the back-office ask for the few.
    """
    connection.ensure_connection()
    driver = connection.connection
    threshold, driver.prepare_threshold = driver.prepare_threshold, None
    try:
        yield
    finally:
        driver.prepare_threshold = threshold
