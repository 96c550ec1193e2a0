"""See to it that the browser tests have a Chromium, and print where it is.

An installed one is taken; else the system's package, where this user may install packages; else
the one that Playwright brings. Fails, saying what to do, when none of the three works.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
MACOS_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
# Hangul has to have glyphs in the pictures.
PACKAGES = ("chromium", "fonts-noto-cjk")


def installed() -> str | None:
    """Return the program of a browser that is installed and starts."""
    found = [os.environ.get("KONNECT_CHROMIUM"), *map(shutil.which, PROGRAMS), str(MACOS_CHROME)]
    return next((program for program in found if program and starts(program)), None)


def starts(program: str) -> bool:
    """Tell whether a program runs at all: some packages are mere pointers to another shop."""
    try:
        result = subprocess.run(
            (program, "--version"), check=False, capture_output=True, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return result.returncode == 0


def playwrights_own() -> str | None:
    """Return the program of the browser that Playwright brought, if it did."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - slow import

    with sync_playwright() as playwright:
        program = playwright.chromium.executable_path
    return program if Path(program).exists() and starts(program) else None


def install_package() -> None:
    """Install the system's package, where there is apt and this user may use it."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (("update",), ("install", "-y", "--no-install-recommends", *PACKAGES)):
            run("apt-get", "-qq", *command, environment=environment)


def install_playwrights_own() -> None:
    """Let Playwright download its browser."""
    run(sys.executable, "-m", "playwright", "install", "chromium")


def run(*command: str, environment: dict[str, str] | None = None) -> None:
    """Run a command that may fail, showing what it says."""
    print("+", " ".join(command), file=sys.stderr, flush=True)
    subprocess.run(command, check=False, env=environment, stdout=sys.stderr)


def find() -> str | None:
    """Return the program of a browser without installing one."""
    return installed() or playwrights_own()


def main() -> int:
    """Find a browser, or install one."""
    for install in (lambda: None, install_package, install_playwrights_own):
        install()
        if program := find():
            print(program)
            return 0
    print(
        "The browser tests need Chromium and none could be installed. Install the package"
        " `chromium` of your system, or name a program in KONNECT_CHROMIUM.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
