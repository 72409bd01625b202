"""A window of a real browser, and what the tests of the report ask of it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

AXE = Path(__file__).parent / "data" / "axe" / "axe.min.js"


@dataclass(frozen=True, kw_only=True)
class Browser:
    """One window, and what the tests ask of it."""

    driver: Any

    def open(self, page: Path, fragment: str = "") -> None:
        """Load the page anew, with nothing heard of an earlier one."""
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        self.driver.get("about:blank")
        self.errors(), self.requests()
        self.driver.get(page.as_uri() + fragment)

    def run(self, script: str, *given: Any) -> Any:
        return self.driver.execute_script(script, *given)

    def errors(self) -> list[str]:
        """What the console was told since it was last asked."""
        return [each["message"] for each in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """All addresses asked for since this was last asked."""
        said = [json.loads(each["message"])["message"] for each in self.driver.get_log("performance")]
        return [each["params"]["request"]["url"] for each in said if each["method"] == "Network.requestWillBeSent"]

    def width(self, pixels: int, height: int = 900) -> None:
        facts = {"width": pixels, "height": height, "deviceScaleFactor": 1, "mobile": pixels < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", facts)

    def shown(self) -> list[str]:
        """The features in the list, top down."""
        names = "[...document.querySelectorAll('#features .features > li:not([hidden]) .name')]"
        return list(self.run(f"return {names}.map((each) => each.textContent)"))

    def unfold(self, feature: str) -> Any:
        """Open one feature; its detail."""
        self.run(
            "const all = [...document.querySelectorAll('.features .name')];"
            "const one = all.find((each) => each.textContent === arguments[0]);"
            "one.closest('details').open = true;",
            feature,
        )
        self.until("return document.querySelector('.features details[open] .detail') !== null")
        return self.run("return document.querySelector('.features details[open] .detail')")

    def until(self, script: str, seconds: float = 10) -> None:
        end = time.monotonic() + seconds
        while not self.run(script):
            assert time.monotonic() < end, script
            time.sleep(0.02)

    def press(self, *keys: str) -> None:
        from selenium.webdriver.common.action_chains import ActionChains

        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def violations(self) -> list[str]:
        """What axe-core finds wrong, each rule with the elements that break it."""
        if not self.run("return 'axe' in window"):
            self.run(AXE.read_text(encoding="utf-8"))
        found = self.driver.execute_async_script(
            "const done = arguments[0];"
            "const wrong = (one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120))}`;"
            "axe.run(document, {resultTypes: ['violations']}).then((said) => done(said.violations.map(wrong)));"
        )
        return list(found)
