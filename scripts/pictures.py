"""`make pictures`: docs/pictures/*.png from a running demo (`make demo` in another terminal). Needs Chromium."""

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


def page_of(browser: Browser, *, width: int, height: int, dark: bool = False, language: str = "en") -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        locale={"en": "en-GB", "zh": "zh-CN"}[language],
        device_scale_factor=1.5,
    )
    return context.new_page()


def sign_in(page: Page, url: str, name: str, password: str) -> None:
    page.goto(f"{url}/sign-in/")
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/desk/**")


def main() -> int:
    url = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000"
    home = Path(os.environ.get("KEFU_HOME", ROOT / "var"))
    known = json.loads((home / "demo-passwords.json").read_text())
    PICTURES.mkdir(exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for name, dark in (("desk", False), ("desk-dark", True)):
            page = page_of(browser, width=1440, height=900, dark=dark)
            sign_in(page, url, "tomas", known["tomas"])
            page.goto(f"{url}/desk/?list=all")
            page.locator("[id^=row-] a, .row a").first.click()
            page.wait_for_timeout(1500)
            page.screenshot(path=PICTURES / f"{name}.png")
        page = page_of(browser, width=390, height=844)
        sign_in(page, url, "tomas", known["tomas"])
        page.goto(f"{url}/desk/?list=all")
        page.wait_for_timeout(800)
        page.screenshot(path=PICTURES / "desk-phone.png")
        for language in ("en", "zh"):
            page = page_of(browser, width=390, height=844, language=language)
            page.goto(f"{url}/demo-shop/")
            page.wait_for_timeout(1500)
            page.screenshot(path=PICTURES / f"shop-{language}.png")
        browser.close()
    for file in sorted(PICTURES.glob("*.png")):
        print(file.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
