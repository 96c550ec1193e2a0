"""What ends statements and transactions that take too long, and who may take longer.

The settings give every session limits, so that no request holds up others. Making tables and
loading data compute between two statements, wait for another portal that does the same, and build
indexes: on a small, busy machine that takes minutes.
"""

from typing import Literal

from django.db import connection

LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


def lift_limits(scope: Literal["SESSION", "LOCAL"]) -> None:
    """Let this session, or only the transaction in which it is, take its time."""
    with connection.cursor() as cursor:
        cursor.execute("; ".join(f"SET {scope} {limit} = 0" for limit in LIMITS))
