"""What is logged, and where: everything to the console, without secret addresses."""

from __future__ import annotations

from typing import Any

import environ

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
    },
    "filters": {"discreet": {"()": "konnect.accounts.discreet.HideSecrets"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["discreet"],
        }
    },
    "root": {"handlers": ["console"], "level": environ.Env().str("LOG_LEVEL", default="INFO")},
}
