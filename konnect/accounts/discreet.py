"""Keeping secret addresses out of the logs.

A feed, a ticket or an invitation opens by its address alone: whoever reads the logs could open it
too. Django logs the path of every answer from 400 on.
"""

from __future__ import annotations

import logging
import re

# The secrets of addresses are `token_urlsafe(32)`: 43 characters; signed ones are longer.
SECRET = re.compile(r"[\w-]{43,}")
HIDDEN = "[secret]"


class HideSecrets(logging.Filter):
    """Replaces secrets in what is logged; everything stays in its place."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Hide secrets in the texts that a message is made of."""
        if isinstance(record.args, tuple):
            record.args = tuple(map(without_secrets, record.args))
        record.msg = without_secrets(record.msg)
        return True


def without_secrets(value: object) -> object:
    """Return a text without secrets; what is no text stays."""
    return SECRET.sub(HIDDEN, value) if isinstance(value, str) else value
