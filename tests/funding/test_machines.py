"""The tables of moves fit together: every state is reached, every guard exists, nothing dangles."""

import pytest

from funding import machines
from funding.machines import MACHINES, STARTS, move_of, possible, states, transitions
from funding.models import (
    ApplicationState,
    CallState,
    ConfirmState,
    GrantState,
    ReportState,
    ReviewState,
    TripState,
)
from funding.services.guards import GUARDS

ENUMS = {
    "call": CallState, "application": ApplicationState, "participant": ConfirmState,
    "review": ReviewState, "grant": GrantState, "trip": TripState, "report": ReportState,
}  # fmt: skip


@pytest.mark.parametrize("name", MACHINES)
def test_the_table_and_the_words_know_the_same_states(name):
    assert set(states(name)) == set(ENUMS[name].values)


@pytest.mark.parametrize("name", MACHINES)
def test_every_state_is_reached_from_the_start(name):
    reached, new = set(), {STARTS[name]}
    while new:
        reached |= new
        new = {target for state in new for target in transitions(name)[state]} - reached

    assert reached == set(states(name))


@pytest.mark.parametrize("name", MACHINES)
def test_an_event_stands_once_and_is_somebodys(name):
    events = [move.event for move in MACHINES[name]]

    assert len(events) == len(set(events))
    assert all(move.roles for move in MACHINES[name])


@pytest.mark.parametrize("name", MACHINES)
def test_every_guard_that_a_table_names_is_there(name):
    named = {move.guard for move in MACHINES[name]} - {""}

    assert named - set(GUARDS) == set()


def test_possible_moves_are_those_of_the_role_in_the_state():
    officer = frozenset({machines.OFFICER})

    assert [move.event for move in possible("call", "approved", officer)] == [
        "reopen", "screen", "cancel",
    ]  # fmt: skip
    assert possible("call", "closed_out", officer) == ()
    assert possible("application", "draft", frozenset({machines.REVIEWER})) == ()


def test_an_event_that_no_table_has_is_an_error():
    with pytest.raises(KeyError, match="call: burn"):
        move_of("call", "burn")
