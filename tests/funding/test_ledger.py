"""The ledger notices every change, gap and cut, and says where."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from funding.models import LedgerEntry, LedgerHead
from funding.services.ledger import BEGINNING, faults, record, seal
from tests.factories.funding import ApplicationFactory, PersonFactory


@pytest.fixture
def chain(db):
    """Three entries about one application, and one about another."""
    application, person = ApplicationFactory(), PersonFactory()
    other = ApplicationFactory(call=application.call)
    record(other, "submit", actor=None)
    return [
        record(application, event, actor=person, reason="It was so", after={"state": event})
        for event in ("submit", "find_eligible", "start_review")
    ]


def tamper(sql, *values):
    """Write past the trigger, as somebody with the database's password could."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE funding_ledgerentry DISABLE TRIGGER ledger_append_only")
        cursor.execute(sql, values)
        cursor.execute("ALTER TABLE funding_ledgerentry ENABLE TRIGGER ledger_append_only")


def codes():
    return {(fault.sequence, fault.code) for fault in faults()}


def test_chains_begin_at_one_and_fit(chain):
    assert [entry.sequence for entry in chain] == [1, 2, 3]
    assert chain[0].previous_hash == BEGINNING
    assert chain[2].previous_hash == chain[1].hash
    assert codes() == set()


def test_reasons_are_kept_as_check_sums_only(chain):
    assert "It was so" not in LedgerEntry.objects.get(pk=chain[0].pk).reason


def test_nobody_changes_or_deletes_an_entry(chain):
    with pytest.raises(IntegrityError, match="stays"), transaction.atomic():
        LedgerEntry.objects.filter(pk=chain[1].pk).update(event="withdraw")
    with pytest.raises(IntegrityError, match="stays"), transaction.atomic():
        chain[1].delete()


@pytest.mark.parametrize(
    "column", ("event = 'withdraw'", "after = '{\"state\": \"grant\"}'", "actor_id = NULL",
               "happened_at = happened_at - interval '1 day'", "reason = 'other'"),
)  # fmt: skip
def test_whatever_is_changed_is_found(chain, column):
    tamper(f"UPDATE funding_ledgerentry SET {column} WHERE id = %s", chain[1].pk)

    assert codes() == {(2, "entry_changed")}


def test_an_entry_that_is_gone_is_found(chain):
    tamper("DELETE FROM funding_ledgerentry WHERE id = %s", chain[1].pk)

    assert (2, "entry_missing") in codes()


def test_an_end_that_is_cut_off_is_found(chain):
    tamper("DELETE FROM funding_ledgerentry WHERE id = %s", chain[2].pk)

    assert codes() == {(0, "head_differs")}


def test_a_chain_that_is_gone_is_found(chain):
    tamper("DELETE FROM funding_ledgerentry WHERE object_id = %s", chain[0].object_id)

    assert codes() == {(0, "chain_gone")}


def test_the_seal_tells_when_chain_and_head_were_changed_together(chain):
    noted = seal()
    tamper("DELETE FROM funding_ledgerentry WHERE id = %s", chain[2].pk)
    LedgerHead.objects.filter(object_id=chain[0].object_id).update(sequence=2, hash=chain[1].hash)

    assert codes() == set()
    with pytest.raises(CommandError, match="seal differs"):
        call_command("verify_audit", seal=noted, stdout=io.StringIO())


def test_the_command_says_where_and_fails(chain):
    out = io.StringIO()
    call_command("verify_audit", stdout=out)
    assert "4 entries fit" in out.getvalue()
    tamper("UPDATE funding_ledgerentry SET event = 'x' WHERE id = %s", chain[1].pk)

    with pytest.raises(CommandError, match="1 faults"):
        call_command("verify_audit", stdout=out)

    assert f"application {chain[1].object_id} #2: entry_changed" in out.getvalue()
