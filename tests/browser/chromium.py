"""The browser of the journeys: whichever Chromium is installed, best the shell without windows, which shows a page for a
third of the processor time."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright import async_api, sync_api
from playwright.async_api import Browser, async_playwright

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE_MS = 60_000  # how long something expected may take: a busy machine is no fault of the product
for api in (async_api, sync_api):
    api.expect.set_options(timeout=PATIENCE_MS)
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
MISSING = "NO CHROMIUM FOUND: the journeys in a browser were NOT run. Install chromium to run them."


def require_chromium() -> str:
    """Its path. Without one the journeys are skipped loudly; in the continuous integration they fail."""
    if CHROMIUM is not None:
        return CHROMIUM
    if os.environ.get("CI"):
        pytest.fail(MISSING)
    pytest.skip(MISSING)


@asynccontextmanager
async def open_chromium(path: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"], timeout=PATIENCE_MS)
        yield browser
        await browser.close()
