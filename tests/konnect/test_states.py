"""The one door of state changes."""

import pytest

from konnect.states import Stateful, TransitionError
from matching.models import Listing, ListingState
from tests.factories.matching import ListingFactory


def subclasses(base):
    return [model for model in base.__subclasses__() if not model._meta.abstract]


@pytest.mark.parametrize("model", subclasses(Stateful))
def test_transition_table_names_every_state(model):
    states = set(dict(model._meta.get_field("state").choices))

    assert set(model.TRANSITIONS) == states
    assert set().union(*model.TRANSITIONS.values()) <= states


def test_move_writes_state_and_history(db, staff):
    listing = ListingFactory()

    listing.move_to(ListingState.CLOSED, actor=staff, reason="found")

    change = listing.changes.get()
    assert (change.old_state, change.new_state, change.actor) == ("open", "closed", staff)
    assert Listing.objects.get().state == "closed"


def test_move_refuses_what_the_table_forbids(db):
    listing = ListingFactory()

    with pytest.raises(TransitionError):
        listing.move_to(ListingState.IN_REVIEW, actor=None)


def test_slower_writer_loses(db):
    first = ListingFactory()
    second = Listing.objects.get(pk=first.pk)
    first.move_to(ListingState.CLOSED, actor=None)

    with pytest.raises(TransitionError):
        second.move_to(ListingState.EXPIRED, actor=None)

    assert first.changes.count() == 1
