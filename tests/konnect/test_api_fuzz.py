"""The API, asked by schemathesis what its description allows and what it does not.

Whatever is sent: no fault of ours, no status and no shape that the description does not name. The
inputs are the same at every run; `make fuzz-api` sends many more, and others each time.
"""

import os
import traceback

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings, strategies
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from konnect.accounts.api.description import operations as operations_of
from konnect.accounts.api.schema import described
from konnect.accounts.models import ApiTokenScope
from konnect.accounts.services.api_tokens import create_api_token
from konnect.wsgi import application
from matching.models import Message
from tests.flows.api_access import api_things

# A run in `make test` takes half a minute; FUZZ_EXAMPLES=500 takes an evening.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "6"))
IS_LONG = "FUZZ_EXAMPLES" in os.environ
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_headers_conformance, response_schema_conformance, unsupported_method,
]  # fmt: skip
# Addresses whose numbers are those of things that exist: {first part: name in `api_things`}.
KNOWN = {
    "profiles": "api:profile-detail", "organisations": "api:organisation-detail",
    "listings": "api:listing-detail", "contact-requests": "api:contact-request-detail",
    "conversations": "api:conversation-detail", "blocks": "api:block-detail",
    "areas": "api:area-detail", "topics": "api:topic-detail",
    "matching-runs": "api:matching-run-detail", "notifications": "api:notification-detail",
    "expressions-of-interest": "api:interest-detail", "twinnings": "api:twinning-detail",
    "saved-searches": "api:saved-search-detail", "events": "api:event-detail",
    "registrations": "api:registration-detail", "meetings": "api:meeting-detail",
    "meeting-requests": "api:meeting-request-detail", "schedule-runs": "api:schedule-run-detail",
    "country-standings": "api:country-standing-detail",
}  # fmt: skip
# Fields of bodies that name things: {field: part of an address}.
NAMED = {"recipient": "suggestions", "person": "suggestions", "newest": "messages"}


@pytest.fixture
def headers(minji, settings):
    """Minji's own program, which may write, as fast as it likes; she is of the staff too."""
    settings.API_LIMITS = dict.fromkeys(settings.API_LIMITS, 10**9)
    minji.user.is_staff = True
    minji.user.save()
    _row, text = create_api_token(
        minji.user, actor=minji.user, name="fuzz", scope=ApiTokenScope.WRITE
    )
    return {"Authorization": f"Bearer {text}"}


@pytest.fixture
def numbers(minji, anna):
    """Return {part of an address: the number of something that is there}."""
    things = api_things(minji, anna)
    letter = Message.objects.get(conversation=things["api:conversation-detail"][0])
    known = {part: things[name][0] for part, name in KNOWN.items()}
    return known | {"suggestions": anna.pk, "messages": letter.pk}


def operations():
    """Return every operation of the description, asked of the real application."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/", application)
    return [found.ok() for found in schema.get_all_operations()]


@pytest.mark.parametrize("mode", (GenerationMode.POSITIVE, GenerationMode.NEGATIVE))
def test_every_answer_is_described(transactional_db, headers, numbers, mode):
    failures = []
    for operation in operations():
        try:
            ask(operation, mode, headers, numbers)
        except Exception as error:  # noqa: BLE001 - all of them are shown together
            failures.append(f"{operation.label}: {error}")

    assert failures == []


def make_known(case, numbers):
    """Let a case be about things that are there, so that more than refusals is seen."""
    part = case.operation.path.split("/")[3]
    if case.path_parameters and part in numbers:
        case.path_parameters = dict.fromkeys(case.path_parameters, numbers[part])
    for where, name in ((case.query, "cursor"), (case.headers, "If-Match")):
        if where and name in where:
            del where[name]
    if isinstance(case.body, dict):
        case.body |= {name: numbers[kind] for name, kind in NAMED.items() if name in case.body}


def ask(operation, mode, headers, numbers):
    """Send what schemathesis thinks of, half of it about things that are there."""

    @settings(
        max_examples=EXAMPLES, derandomize=not IS_LONG, database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode), is_known=strategies.booleans())
    def send(case, is_known):
        if is_known:
            make_known(case, numbers)
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS, headers=headers)

    try:
        send()
    except BaseException as error:
        if type(error).__name__ == "Unsatisfiable":
            return  # Nothing wrong can be sent to an operation that takes nothing.
        raise


def test_checks_notice_what_is_not_described(transactional_db, headers, numbers):
    """A twin that has to fail: the description without the answer for what is not there."""
    lacking = described()
    for _method, path, operation in operations_of(lacking):
        if path == "/api/v1/profiles/{id}/":
            del operation["responses"]["404"]
    schema = schemathesis.openapi.from_dict(lacking)
    schema.app = application
    [operation] = [
        found.ok()
        for found in schema.get_all_operations()
        if found.ok().path == "/api/v1/profiles/{id}/"
    ]

    with pytest.raises(BaseException) as caught:  # noqa: PT011 - one failure or a group of them
        ask(operation, GenerationMode.POSITIVE, headers, {})

    assert "Undocumented status code" in "".join(traceback.format_exception(caught.value))
