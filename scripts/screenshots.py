"""Take pictures of a running site: every path in each language, width and appearance.

    python scripts/screenshots.py --paths / /search/ --folder pictures \\
        --languages en ko --widths 1280 360 --appearances light dark --account ADDRESS PASSWORD

Without paths it takes the two pictures of the README from a running demonstration. A path may be
followed by "=name". A Chromium on the machine is taken, else Playwright's own.
"""

import argparse
import itertools
import shutil
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

HEIGHTS = {360: 740, 320: 640}
README_FOLDER = Path("docs/images")
DEMONSTRATION_ACCOUNT = ("minji.kim@demo.example", "europe meets korea")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--site", default="http://localhost:8000")
    parser.add_argument("--folder", type=Path, default=README_FOLDER)
    parser.add_argument("--paths", nargs="+", default=[])
    parser.add_argument("--languages", nargs="+", default=["en", "ko"])
    parser.add_argument("--widths", nargs="+", type=int, default=[1280, 360])
    parser.add_argument("--appearances", nargs="+", default=["light", "dark"])
    parser.add_argument("--account", nargs=2, metavar=("ADDRESS", "PASSWORD"))
    parser.add_argument("--window", action="store_true", help="only what fits the window")
    return parser.parse_args()


def main() -> None:
    """Take all pictures, and tell of pages that scroll sideways or write to the console."""
    options = arguments()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for series in [options] if options.paths else readme(options):
            series.folder.mkdir(parents=True, exist_ok=True)
            take_series(browser, series)


def readme(options: argparse.Namespace) -> list[argparse.Namespace]:
    """Return what the README shows: the home page in English, suggestions in Korean."""
    common = vars(options) | {"widths": [1280], "window": True}
    home = {"paths": ["/=home"], "languages": ["en"], "appearances": ["light"]}
    suggestions = {"paths": ["/suggestions/=suggestions"], "languages": ["ko"]}
    suggestions |= {"appearances": ["dark"], "account": DEMONSTRATION_ACCOUNT}
    return [argparse.Namespace(**common | picture) for picture in (home, suggestions)]


def take_series(browser: Browser, options: argparse.Namespace) -> None:
    """Take the pictures of one command line."""
    state = signed_in(browser, options) if options.account else None
    kinds = itertools.product(options.languages, options.widths, options.appearances)
    for language, width, appearance in kinds:
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHTS.get(width, 800)},
            color_scheme=appearance, storage_state=state, reduced_motion="reduce",
        )  # fmt: skip
        speak(context, options.site, language)
        for path in options.paths:
            take(context, options, path, f"{language}-{width}-{appearance}")
        context.close()


def signed_in(browser: Browser, options: argparse.Namespace) -> dict[str, object]:
    """Sign in once and return the cookies."""
    page = browser.new_page()
    page.goto(f"{options.site}/accounts/login/")
    page.fill("input[name=login]", options.account[0])
    page.fill("input[name=password]", options.account[1])
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state()
    if "/login" in page.url:
        raise SystemExit(f"Could not sign in as {options.account[0]}.")
    return page.context.storage_state()


def speak(context: BrowserContext, site: str, language: str) -> None:
    """Switch the language as a reader does; visitors keep it in a cookie, members in their account."""
    page = context.new_page()
    page.goto(f"{site}/about/")
    button = page.locator(f"form.language-switch button[value={language}]").first
    if button.count():
        button.click()
        page.wait_for_load_state()
    page.close()


def take(context: BrowserContext, options: argparse.Namespace, path: str, kind: str) -> None:
    """Take one picture."""
    address, _, name = path.partition("=")
    page = context.new_page()
    page.on("console", lambda message: print(f"{kind} {address}: {message.text}"))
    page.goto(options.site + address)
    warn_of_overflow(page, f"{kind} {address}")
    name = name or urlsplit(address).path.strip("/").replace("/", "-") or "home"
    page.screenshot(path=options.folder / f"{name}-{kind}.png", full_page=not options.window)
    page.close()


def warn_of_overflow(page: Page, label: str) -> None:
    """Say which page scrolls sideways."""
    wide = page.evaluate(
        "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1"
        " && !e.closest('.table-wrap')).slice(0, 3).map(e => e.tagName + '.' + e.className)"
    )
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        print(f"{label}: scrolls sideways: {wide}")


if __name__ == "__main__":
    main()
