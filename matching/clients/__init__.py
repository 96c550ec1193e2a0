"""Thin clients of outside services: they fetch, and judge whether an answer came; others read it.

Only the addresses in the settings are ever asked. No redirect is followed, every answer has a
limit in time and size, and whatever goes wrong is a `ServiceError` with a code.
"""

from matching.clients.http import Limits, Service, ServiceError
from matching.clients.scholarly import CrossrefClient, OpenAlexClient, OrcidClient

__all__ = ["CrossrefClient", "Limits", "OpenAlexClient", "OrcidClient", "Service", "ServiceError"]
