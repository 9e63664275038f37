"""`make pictures`: docs/pictures/*.png from a running demo (`make demo` in another terminal). Needs Chromium.

`make pictures ARGS=http://localhost:8300` for a demo at another address.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
#: the demo's customer whose conversation is shown: a return over its window, who asked for a person
WAITS = "Noah Miller"
LIVE_SECONDS = 1.5


def page_of(browser: Browser, *, width: int, height: int, dark: bool = False, language: str = "en") -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        locale={"en": "en-GB", "zh": "zh-CN"}[language],
        device_scale_factor=1,
        reduced_motion="reduce",
    )
    context.set_default_timeout(10_000)
    return context.new_page()


def sign_in(page: Page, url: str, name: str, password: str) -> None:
    page.goto(f"{url}/sign-in/")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/desk/**")


def open_talk(page: Page, url: str, who: str) -> None:
    page.goto(f"{url}/desk/?list=all")
    page.locator("#list .row", has_text=who).first.locator("a").first.click()
    page.locator("#thread").wait_for()
    settle(page)


def settle(page: Page) -> None:
    page.wait_for_timeout(LIVE_SECONDS * 1000)


def keep(page: Page, name: str) -> None:
    page.screenshot(path=PICTURES / f"{name}.png")
    print(f"docs/pictures/{name}.png: {(PICTURES / f'{name}.png').stat().st_size // 1000} kB")


def desk(browser: Browser, url: str, password: str) -> None:
    for name, dark in (("desk", False), ("desk-dark", True)):
        page = page_of(browser, width=1440, height=900, dark=dark)
        sign_in(page, url, "tomas", password)
        open_talk(page, url, WAITS)
        keep(page, name)
    page = page_of(browser, width=1440, height=900)
    sign_in(page, url, "tomas", password)
    open_talk(page, url, WAITS)
    page.get_by_role("button", name="Why?").last.click()
    settle(page)
    keep(page, "why")
    page = page_of(browser, width=390, height=844)
    sign_in(page, url, "tomas", password)
    page.goto(f"{url}/desk/?list=all")
    settle(page)
    keep(page, "desk-phone")


def shop(browser: Browser, url: str) -> None:
    """A customer's talk on the shop's page, in each language."""
    said = {
        "en": ["Is the Glacier rain jacket waterproof?", "How long do I have to send something back?"],
        "zh": ["冰川冲锋衣防水吗？", "我的包裹到哪了？"],
    }
    for language, lines in said.items():
        page = page_of(browser, width=900, height=760, language=language)
        page.goto(f"{url}/demo-shop/?language={language}")
        settle(page)
        page.locator("[data-kefu-open]").first.click()
        settle(page)
        for line in lines:
            page.keyboard.insert_text(line)
            page.keyboard.press("Enter")
            page.wait_for_timeout(4_000)
        keep(page, f"shop-{language}")


def main() -> int:
    url = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000"
    home = Path(os.environ.get("KEFU_HOME", ROOT / "var"))
    passwords = home / "demo-passwords.json"
    if not passwords.exists():
        print("There is no demo yet. Start `make demo` in another terminal and wait until its customers have written.")
        return 1
    known = json.loads(passwords.read_text())
    PICTURES.mkdir(exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        desk(browser, url, known["tomas"])
        shop(browser, url)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
