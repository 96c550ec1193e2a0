"""Sign-in with others, as the environment configures it; knows no Django."""

from collections.abc import Mapping
from urllib.parse import urlsplit

Providers = dict[str, dict[str, object]]


def sign_in_providers(environment: Mapping[str, str]) -> Providers:
    """Return what SOCIALACCOUNT_PROVIDERS is to say: only what is configured is shown.

    Raises:
        KeyError: a client has an id, but lacks its secret or its server.
    """
    providers: Providers = {}
    if environment.get("ORCID_CLIENT_ID"):
        providers["orcid"] = orcid(environment)
    if environment.get("OPENID_CLIENT_ID"):
        providers["openid_connect"] = {"APPS": [openid_connect(environment)]}
    return providers


def orcid(environment: Mapping[str, str]) -> dict[str, object]:
    """Return the settings of sign-in with ORCID, or with its sandbox."""
    return {
        "BASE_DOMAIN": orcid_domain(environment),
        "APP": {
            "client_id": environment["ORCID_CLIENT_ID"],
            "secret": environment["ORCID_CLIENT_SECRET"],
        },
    }


def orcid_domain(environment: Mapping[str, str]) -> str:
    """Return the host that people sign in at."""
    return environment.get("ORCID_DOMAIN", "orcid.org")


def openid_connect(environment: Mapping[str, str]) -> dict[str, object]:
    """Return the settings of sign-in at one institution."""
    return {
        "provider_id": environment.get("OPENID_PROVIDER_ID", "institution"),
        "name": environment.get("OPENID_NAME", "OpenID Connect"),
        "client_id": environment["OPENID_CLIENT_ID"],
        "secret": environment["OPENID_CLIENT_SECRET"],
        "settings": {"server_url": environment["OPENID_SERVER_URL"]},
    }


def sign_in_origins(environment: Mapping[str, str]) -> list[str]:
    """Return the origins that a sign-in form leads to, for the Content-Security-Policy."""
    origins = []
    if environment.get("ORCID_CLIENT_ID"):
        origins.append(f"https://{orcid_domain(environment)}")
    if environment.get("OPENID_CLIENT_ID"):
        origins.append(
            "{0.scheme}://{0.netloc}".format(urlsplit(environment["OPENID_SERVER_URL"]))
        )
    return origins
