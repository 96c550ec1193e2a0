"""Production refuses to start until everything is set, and says what is missing."""

import os
import re
import subprocess
import sys

import pytest

from konnect import embedded

COMPLETE = {
    "KONNECT_ENVIRONMENT": "production",
    "SECRET_KEY": "a-key-for-this-test-only-0123456789-0123456789-0123456789",
    "ALLOWED_HOSTS": "konnect.example",
    "DATABASE_URL": "postgres://konnect@database/konnect?sslmode=require",
    "REDIS_URL": "redis://broker/0",
    "SITE_URL": "https://konnect.example",
    "EMAIL_URL": "smtp+tls://mail.example:587",
}


LOAD = ("-c", "import konnect.settings")
CHECK = ("manage.py", "check", "--deploy", "--fail-level", "WARNING")


def run_python(variables, *arguments):
    """Run Python with these variables and none of the tests' own."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name in {"PATH", "HOME", "LANG", "VIRTUAL_ENV"}
    }
    return subprocess.run(
        (sys.executable, *arguments), check=False, cwd=embedded.ROOT,
        env=inherited | variables, capture_output=True, text=True,
    )  # fmt: skip


@pytest.mark.parametrize("name", [name for name in COMPLETE if name != "KONNECT_ENVIRONMENT"])
def test_production_without_a_variable_names_it(name):
    variables = {other: value for other, value in COMPLETE.items() if other != name}

    result = run_python(variables, *LOAD)

    last_line = result.stderr.strip().splitlines()[-1]
    assert result.returncode != 0
    assert last_line.startswith(
        f"django.core.exceptions.ImproperlyConfigured: KONNECT cannot start in production: {name} "
    )


def test_production_with_debug_refuses():
    result = run_python(COMPLETE | {"DEBUG": "on"}, *LOAD)

    assert result.returncode != 0
    assert result.stderr.strip().endswith("DEBUG must be off")


def test_production_is_never_a_demonstration():
    result = run_python(COMPLETE | {"KONNECT_DEMO": "on"}, *LOAD)

    assert result.returncode != 0
    assert "KONNECT_DEMO must be off" in result.stderr


def test_production_without_anything_names_all():
    result = run_python({"KONNECT_ENVIRONMENT": "production"}, *LOAD)

    missing = [name for name in COMPLETE if name != "KONNECT_ENVIRONMENT"]
    assert [name for name in missing if name not in result.stderr] == []


def test_production_complete_passes_the_deployment_check():
    result = run_python(COMPLETE, *CHECK)

    assert (result.returncode, result.stdout + result.stderr) == (
        0,
        "System check identified no issues (0 silenced).\n",
    )


def test_every_variable_is_documented():
    text = (embedded.ROOT / "konnect" / "settings.py").read_text()
    documented = (embedded.ROOT / "docs" / "deploy.md").read_text()

    variables = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', text))

    assert [name for name in sorted(variables) if f"`{name}`" not in documented] == []
