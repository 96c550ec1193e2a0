"""Looks of the tests at other sources, and choices from what they found."""

import pytest

from matching.models import Source, SourceRequestState
from matching.permissions.contacts import RefusedError
from matching.services.profiles import version_of
from matching.services.source_fetching import look_at_due_source
from matching.services.source_offers import offers_of
from matching.services.source_requests import (
    ask_source,
)
from matching.services.source_taking import Choice, take_look
from tests.matching.orcid_records import ORCID

ROR = "04h9pn542"
READY, FAILED = SourceRequestState.READY, SourceRequestState.FAILED
WAITING, TAKEN = SourceRequestState.WAITING, SourceRequestState.TAKEN


def ask(profile, source=Source.ORCID, asked=ORCID):
    return ask_source(profile, actor=profile.user, source=source, asked=asked)


def looked(profile, source=Source.ORCID, asked=ORCID):
    """Ask, let the worker work, and return the look."""
    look = ask(profile, source, asked)
    while look_at_due_source():
        pass
    look.refresh_from_db()
    return look


def everything(look):
    """Choose all that is ticked, and keep what is there."""
    keys = {offer.key for offer in offers_of(look) if offer.is_ticked}
    return chosen(look, keys)


def chosen(look, keys):
    profile = look.profile
    return Choice(
        frozenset(keys),
        frozenset(profile.works.values_list("pk", flat=True)),
        frozenset(profile.projects.values_list("pk", flat=True)),
    )


def take(look, choice):
    look.profile.refresh_from_db()
    version = version_of(look.profile)
    return take_look(look, actor=look.profile.user, choice=choice, version=version)


def refusal(call):
    with pytest.raises(RefusedError) as caught:
        call()
    return str(caught.value)
