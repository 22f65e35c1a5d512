"""A headless Chromium, driven as a person would."""

import json
import os
import shutil

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
except ImportError as error:
    raise AssertionError("no selenium: install the Debian package python3-selenium") from error
from programs import program


class Browser:
    def __init__(self, folder):
        options = Options()
        options.binary_location = program("chromium", "chromium")
        arguments = ["--headless=new", "--disable-gpu", "--hide-scrollbars", "--force-color-profile=srgb",
                     "--disable-dev-shm-usage", "--no-first-run", f"--user-data-dir={folder}"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")  # which does not work for root
        for argument in arguments:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        service = Service(program("chromedriver", "chromium-driver"), log_path=os.devnull)
        self.driver = webdriver.Chrome(service=service, options=options)
        self.folder = folder

    def stop(self):
        self.driver.quit()
        shutil.rmtree(self.folder, ignore_errors=True)

    def emulate(self, width=1280, height=900, scheme="light", scripts=True):
        command = self.driver.execute_cdp_cmd
        command("Emulation.setDeviceMetricsOverride",
                {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
        command("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        command("Emulation.setScriptExecutionDisabled", {"value": not scripts})

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def complaints(self):
        """What the console says, since this was last asked."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def traffic(self):
        """(addresses asked for, bytes received), since this was last asked."""
        addresses, received = [], 0
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                addresses.append(message["params"]["request"]["url"])
            elif message["method"] == "Network.loadingFinished":
                received += message["params"]["encodedDataLength"]
        return addresses, received
