"""The production shape, checked without a Docker engine."""

import json
import re

import pytest
import yaml
from compose_spec import PyCompose

from konnect import embedded, settings

TEXT = (embedded.ROOT / "docker-compose.yml").read_text()
# PyYAML resolves the anchors and merges, as Compose does before it validates.
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
SECRETS = re.compile("SECRET|PASSWORD|_KEY|_URL")


def test_file_meets_the_compose_specification():
    parsed = PyCompose.from_json(json.dumps(COMPOSE))

    parsed.validate()

    assert set(parsed.service_names()) == {
        "proxy", "web", "worker", "beat", "prepare", "database", "broker"
    }  # fmt: skip


def test_specification_check_can_fail():
    broken = {"services": {"web": {"image": "konnect", "networks": ["nowhere"], "helthcheck": {}}}}

    with pytest.raises(ValueError, match=r"helthcheck|nowhere"):
        PyCompose.from_json(json.dumps(broken)).validate()


@pytest.mark.parametrize("name", SERVICES)
def test_service_has_a_health_check(name):
    assert SERVICES[name]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}


@pytest.mark.parametrize("name", SERVICES)
def test_service_has_no_root_and_no_capabilities(name):
    service = SERVICES[name]

    assert service["user"] not in {"", "0", "root", "0:0"}
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", SERVICES)
def test_service_has_no_literal_secret(name):
    variables = SERVICES[name].get("environment", {})

    literal = [
        variable
        for variable, value in variables.items()
        if SECRETS.search(variable) and "${" not in value
    ]

    assert literal == []


def test_secrets_have_no_default():
    required = set(re.findall(r"\$\{(\w+):\?", TEXT))
    optional = set(re.findall(r"\$\{(\w+):-\}", TEXT))
    mentioned = set(re.findall(r"(?<!\$)\$\{(\w+)", TEXT))

    assert {"SECRET_KEY", "DATABASE_PASSWORD", "BROKER_PASSWORD", "EMAIL_URL"} <= required
    assert mentioned == required | optional | {
        "DORMANCY_ASKED_AFTER_MONTHS", "DORMANCY_DELETED_AFTER_MONTHS",
        "DORMANCY_HIDDEN_AFTER_MONTHS", "KONNECT_EMBEDDER", "LOG_LEVEL", "OPENID_NAME", "OPENID_PROVIDER_ID", "ORCID_DOMAIN",
    }  # fmt: skip


def test_only_the_proxy_is_reached_from_outside():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert [SERVICES[name]["networks"] for name in ("database", "broker")] == [["inside"]] * 2


def test_data_lies_in_volumes():
    mounted = {
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
    }

    assert mounted == set(COMPOSE["volumes"])


def test_broker_forgets_nothing():
    command = SERVICES["broker"]["command"][-1]

    assert "--maxmemory-policy noeviction --appendonly yes" in command


@pytest.mark.parametrize("name", ("web", "worker", "beat", "prepare"))
def test_portal_gets_all_that_production_demands(name):
    demanded = {
        "KONNECT_ENVIRONMENT", "SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL",
        "SITE_URL", "EMAIL_URL",
    }  # fmt: skip

    assert demanded <= set(SERVICES[name]["environment"])


def test_portal_gets_what_the_manual_lets_an_operator_choose():
    manual = (embedded.ROOT / "docs/deploy.md").read_text()
    prefixes = "KONNECT_EMBEDDER|ORCID|OPENID|LOG_LEVEL|OPERATOR|HOSTING|PRIVACY|MAIL_PROVIDER"
    documented = set(re.findall(rf"`((?:{prefixes})[A-Z_]*)`", manual))

    missing = documented - set(SERVICES["worker"]["environment"])

    assert missing == set()


def test_names_of_sign_in_are_never_empty():
    environment = SERVICES["web"]["environment"]

    empty = [
        name
        for name in ("ORCID_DOMAIN", "OPENID_NAME", "OPENID_PROVIDER_ID", "LOG_LEVEL")
        if environment[name].endswith(":-}")
    ]

    assert empty == []


def test_workers_have_time_to_stop():
    grace = SERVICES["worker"]["stop_grace_period"]

    assert int(grace.removesuffix("s")) > settings.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT


def test_images_do_not_run_as_root():
    for file in ("Dockerfile", "deploy/proxy.Dockerfile"):
        lines = (embedded.ROOT / file).read_text().splitlines()
        users = [line.split()[1] for line in lines if line.startswith("USER ")]
        assert users[-1] not in {"0", "root"}
