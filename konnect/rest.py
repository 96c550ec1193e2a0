"""Settings of the API; konnect/settings.py takes them in."""

from __future__ import annotations

from typing import Any

APPS = ["rest_framework", "drf_spectacular"]

# Requests a minute: by network address, by token or person, and tokens that open nothing.
API_LIMITS = {"anonymous": 120, "read": 1200, "write": 120, "guess": 30}

# What the description calls the choices of fields that are named alike.
ENUMERATIONS = (
    "AgreementKind", "BlockKind", "CareerStage", "ContactRequestState", "CountryStatusKind",
    "DeadlineKind", "InterestState", "ListingKind", "ListingState", "MatchRunState",
    "OrganisationType", "PartnerRole", "ProfileState", "SearchKind", "Side",
    "TwinningActivityKind", "TwinningState",
)  # fmt: skip
EVENT_ENUMERATIONS = (
    "DeclineReason", "EventKind", "EventMode", "EventState", "MeetingState", "NextStep",
    "PlaceKind", "RegistrationState", "RequestState", "ScheduleRunState", "SessionKind",
    "Strength",
)  # fmt: skip

REST_FRAMEWORK: dict[str, Any] = {
    # No BasicAuthentication: every guess would make the portal hash a password.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "konnect.accounts.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "konnect.accounts.api.authentication.MayWrite",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["konnect.accounts.api.throttles.EverybodyThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["konnect.accounts.api.bodies.TidyJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "konnect.accounts.api.pages.ByNumber",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    # OPTIONS would describe forms; the description of the API does that.
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "konnect.accounts.api.problems.handle",
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "KONNECT API",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "DESCRIPTION": (
        "Everything that a member reads and does on the portal, for programs. The same rules hold"
        " as on the pages: what you may not see is not there (404)."
    ),
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_NO_READ_ONLY_REQUIRED": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "SORT_OPERATIONS": False,
    "ENUM_NAME_OVERRIDES": {
        **{name: f"matching.models.{name}.choices" for name in ENUMERATIONS},
        **{name: f"events.models.{name}.choices" for name in EVENT_ENUMERATIONS},
        "Language": "konnect.accounts.models.Language.choices",
        "Rhythm": "konnect.accounts.models.Rhythm.choices",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "konnect.accounts.api.description.complete",
    ],
}

SETTINGS = (API_LIMITS, REST_FRAMEWORK, SPECTACULAR_SETTINGS)
