"""Outside services that are down, slow, lying or huge: each outcome has a code."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from matching.clients import (
    CrossrefClient,
    Limits,
    OpenAlexClient,
    OrcidClient,
    Service,
    ServiceError,
)
from matching.clients.http import wait_asked_for
from tests.matching import scholarly_server as does
from tests.matching.orcid_records import ORCID, record
from tests.processes import free_port

FEW = Limits(most_bytes=1_000_000)
SHORT = Limits(connect=0.5, read=0.4, answer=0.8, total=5)


@pytest.fixture
def server():
    running = does.ScholarlyServer()
    running.records[ORCID] = record()
    yield running
    running.close()


@pytest.fixture
def orcid(server):
    return OrcidClient(Service(server.url, limits=FEW))


def error_of(call):
    with pytest.raises(ServiceError) as caught:
        call()
    return caught.value


def test_record_is_fetched(server, orcid):
    assert orcid.record(ORCID) == record()
    assert server.asked == [(f"/v3.0/{ORCID}/record", None)]


@pytest.mark.parametrize(
    ("fault", "code", "is_temporary"),
    (
        (does.status(404), "unknown", False),
        (does.status(409), "closed", False),
        (does.status(401), "denied", False),
        (does.status(418), "denied", False),
        (does.status(429), "limited", True),
        (does.status(500), "unwell", True),
        (does.status(503), "unwell", True),
        (does.status(204), "denied", False),
        (does.error_page, "garbled", True),
        (does.deeply_nested, "garbled", True),
        (does.half_an_answer, "cut_off", True),
        (does.nothing, "unreachable", True),
        (does.endless, "too_large", False),
    ),
)
def test_fault_has_a_code(server, orcid, fault, code, is_temporary):
    server.faults.append(fault)

    error = error_of(lambda: orcid.record(ORCID))

    assert (error.code, error.is_temporary) == (code, is_temporary)


@pytest.mark.parametrize("fault", (does.silent, does.dripping))
def test_nobody_waits_long_for_an_answer(server, fault):
    server.faults.append(fault)
    client = OrcidClient(Service(server.url, limits=SHORT))

    error = error_of(lambda: client.record(ORCID))

    assert (error.code, error.is_temporary) == ("slow", True)


def test_service_that_is_down_is_unreachable():
    client = OrcidClient(Service(f"http://127.0.0.1:{free_port()}"))

    assert error_of(lambda: client.record(ORCID)).code == "unreachable"


def test_redirect_is_not_followed(server, orcid):
    other = does.ScholarlyServer()
    server.faults.append(does.redirect_to(f"{other.url}/v3.0/{ORCID}/record"))

    error = error_of(lambda: orcid.record(ORCID))

    other.close()
    assert error.code == "moved"
    assert other.asked == []


@pytest.mark.parametrize("orcid_text", ("../../etc", "0000-0002-1825-009", "x" * 19, ""))
def test_what_is_no_id_never_becomes_part_of_an_address(server, orcid, orcid_text):
    assert error_of(lambda: orcid.record(orcid_text)).code == "unknown"
    assert server.asked == []


@pytest.mark.parametrize("base", ("", "file:///etc/passwd", "pub.orcid.org", "ftp://x/"))
def test_base_that_is_no_web_address_is_refused(base):
    assert error_of(lambda: Service(base)).code == "unreachable"


def test_all_answers_together_have_a_limit(server):
    service = Service(server.url, limits=Limits(total=0))

    assert error_of(lambda: OrcidClient(service).record(ORCID)).code == "slow"
    assert server.asked == []


def test_wait_that_a_service_asks_for_is_obeyed(server, orcid):
    server.faults.append(does.status(429, Retry_After="120"))

    assert error_of(lambda: orcid.record(ORCID)).retry_after == timedelta(minutes=2)


@pytest.mark.parametrize(
    ("value", "wait"),
    (
        ("", None),
        ("soon", None),
        ("-5", None),
        ("0", timedelta(0)),
        ("99999999999999999999", timedelta(hours=1)),
        ("Mon, 01 Jan 2001 00:00:00 GMT", timedelta(0)),
    ),
)
def test_retry_after_is_read_as_seconds_or_time(value, wait):
    assert wait_asked_for(value) == wait


def test_retry_after_is_read_as_a_time():
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)

    assert timedelta(seconds=80) < wait_asked_for(soon) <= timedelta(seconds=90)


def test_works_are_fetched_page_by_page_with_the_key(server):
    server.works[ORCID] = [{"id": f"W{number}", "doi": None} for number in range(5)]
    server.page_size = 2
    client = OpenAlexClient(Service(server.url, key="secret"))

    assert [row["id"] for row in client.works_of(ORCID)] == ["W0", "W1", "W2", "W3", "W4"]
    assert server.asked == [("/works", "Bearer secret")] * 3


def test_works_end_after_three_pages(server):
    server.works[ORCID] = [{"id": f"W{number}", "doi": None} for number in range(50)]
    server.page_size = 2

    assert len(list(OpenAlexClient(Service(server.url)).works_of(ORCID))) == 6


def test_doi_is_quoted_in_the_address(server):
    server.registered["10.1000/a b?c#d"] = {"message": {}}
    client = CrossrefClient(Service(server.url))

    assert client.work("10.1000/a b?c#d") == {"message": {}}
    assert error_of(lambda: client.work("10.1000/other")).code == "unknown"
