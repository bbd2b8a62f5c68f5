"""A broker that goes away is missed, and no worker ends for it."""

import pytest

from config.celery import app


def close(connection):
    """Put it away as a worker does once the broker is lost."""
    connection.collect()


def close_halfway(connection):
    """Put it away as far as one comes when the broker refuses what closing needs."""
    connection.transport.client = None


@pytest.mark.parametrize("lose", [close, close_halfway])
def test_what_comes_too_late_for_a_lost_connection_is_an_error_of_the_connection(lose):
    with app.connection() as connection:
        channel = connection.channel()
        lose(connection)
        with pytest.raises(connection.connection_errors, match="is gone"):
            channel.queue_purge("any")
