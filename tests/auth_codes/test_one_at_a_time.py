"""Work of one process at a time: Ctrl-C in the midst of it stays Ctrl-C, and gives the turn back."""

import pytest
from django.db import connection

from auth_codes import one_at_a_time

pytestmark = pytest.mark.django_db(transaction=True)


def interrupted_in_a_query():
    """Ctrl-C when something was asked of the database, and not answered yet."""
    with one_at_a_time.alone("work"):
        if connection.vendor == "postgresql":
            connection.connection.pgconn.send_query(b"SELECT pg_sleep(1)")
        raise KeyboardInterrupt


def test_ctrl_c_during_a_query_is_not_taken_for_a_database_out_of_reach():
    with pytest.raises(KeyboardInterrupt):
        interrupted_in_a_query()
    with one_at_a_time.alone("work"):
        assert connection.is_usable()


def test_turn_is_given_back_after_a_failure():
    with pytest.raises(ZeroDivisionError), one_at_a_time.alone("work"):
        raise ZeroDivisionError
    with one_at_a_time.alone("work"):
        assert connection.is_usable()
