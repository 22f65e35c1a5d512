#!/usr/bin/env python3
"""docs/images: the page on the demo's morning, light, dark and narrow. ./dev screenshots runs it.

Arguments: the program.
"""

import base64
import os
import sys
import tempfile
import time

from browser import Browser
from programs import Server, free_port
from shipped import ROOT

IMAGES = os.path.join(ROOT, "docs", "images")
SHOTS = [("page-light", 1280, "light", 1500), ("page-dark", 1280, "dark", 1500), ("page-narrow", 360, "light", 1500)]

if __name__ == "__main__":
    url = f"http://127.0.0.1:{free_port()}"
    server = Server([sys.argv[1]], url + "/-/healthy", {
        "METRICS_MODE": "demo", "METRICS_LISTEN_ADDRESS": url.removeprefix("http://"), "TENANT_ID": "acme",
        "PROJECT_ID": "assist"})
    browser = Browser(tempfile.mkdtemp())
    try:
        time.sleep(55)  # two hours and more of the demo's day
        os.makedirs(IMAGES, exist_ok=True)
        for name, width, scheme, height in SHOTS:
            browser.emulate(width=width, scheme=scheme, height=height)
            browser.driver.get(url)
            time.sleep(4)
            image = browser.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"]
            with open(os.path.join(IMAGES, name + ".png"), "wb") as file:
                file.write(base64.b64decode(image))
    finally:
        browser.stop()
        server.stop()
