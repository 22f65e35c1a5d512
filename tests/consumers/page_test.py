#!/usr/bin/env python3
"""The page, in a browser.

Arguments: the program.
"""

import json
import sys
import tempfile
import time
import unittest
import urllib.request

from browser import Browser
from programs import Server, free_port

# WCAG 2.1, "contrast (minimum)": of every text that is shown, with its background.
CONTRASTS = """
const channel = (c) => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
const parse = (text) => text.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const ground = (element) => {
  for (let e = element; e; e = e.parentElement) {
    const colour = parse(getComputedStyle(e).backgroundColor);
    if (colour.length < 4 || colour[3] > 0) return colour;
  }
  return [255, 255, 255];
};
const low = [];
for (const element of document.querySelectorAll("body *")) {
  const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  if (!own || !element.offsetParent) continue;
  const [a, b] = [light(parse(getComputedStyle(element).color)), light(ground(element))];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) low.push(element.textContent.slice(0, 40) + ": " + ratio.toFixed(2));
}
return low;
"""


class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser(tempfile.mkdtemp())
        cls.addClassCleanup(cls.browser.stop)

    def setUp(self):
        self.browser.emulate()

    def tearDown(self):
        self.browser.driver.get("about:blank")

    def serve(self, port=None, ready="/-/healthy", **variables):
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        server = Server([PROGRAM], self.url + ready,
                        {"METRICS_LISTEN_ADDRESS": f"127.0.0.1:{self.port}"} | variables)
        self.addCleanup(server.stop)
        return server

    def demo(self, **variables):
        return self.serve(ready="/-/ready", METRICS_MODE="demo", METRICS_DEMO_SPEED="600", **variables)

    def open(self, path="/"):
        self.browser.complaints()
        self.browser.traffic()
        self.browser.driver.get(self.url + path)

    def wait(self, script, *arguments, patience=20):
        """Until `script` gives something true; what it gave."""
        until = time.monotonic() + patience
        while True:
            found = self.browser.run("return " + script, *arguments)
            if found:
                return found
            if time.monotonic() > until:
                self.fail(f"never: {script}\n" + self.browser.run("return document.body.innerText")[:2000])
            time.sleep(0.1)

    def drawn(self):
        return self.wait("""[...document.querySelectorAll("canvas")].every(
            (c) => / now | not known /.test(" " + c.getAttribute("aria-label").replace(":", " ")) && c.width > 0)""")

    def test_content_and_life_without_a_reload(self):
        self.demo()
        self.open()
        self.browser.run("window.mark = 1")
        text = self.browser.run("return document.body.innerText")
        for words in ["every figure here is simulated", "replicas", "SSE saturation", "queue wait p95", "The last hour",
                      "Health", "Version", "Configuration in effect"]:
            self.assertIn(words, text)
        self.assertEqual(self.browser.run("return [...document.querySelectorAll('h1, h2')].map((h) => h.tagName)"),
                         ["H1", "H2", "H2", "H2", "H2", "H2"])
        self.drawn()
        before = self.browser.run("return document.getElementById('why').innerText")
        self.wait("document.getElementById('why').innerText !== arguments[0]", before)
        self.wait("document.querySelectorAll('#decisions li').length >= 2")
        self.wait("document.getElementById('announce').textContent.includes('replicas')", patience=40)
        self.assertEqual(self.browser.run("return window.mark"), 1)
        self.assertEqual(self.browser.complaints(), [])
        for link in self.browser.run("return [...document.querySelectorAll('.links a')].map((a) => a.href)"):
            with urllib.request.urlopen(link, timeout=5) as answer:
                self.assertTrue(answer.read(), link)
        addresses, _ = self.browser.traffic()
        self.assertEqual([a for a in addresses if not a.startswith((self.url + "/", "data:"))], [])
        self.assertGreater(len([a for a in addresses if "/api/v1/page" in a]), 1)

    def test_first_content_is_small(self):
        self.demo()
        self.open()
        self.wait("typeof Chart === 'function'")
        _, received = self.browser.traffic()
        self.assertGreater(received, 50_000)
        self.assertLess(received, 100_000)

    def test_light_and_dark_can_be_read_at_any_width(self):
        self.demo()
        grounds = set()
        for scheme in ["light", "dark"]:
            for width in [360, 1280, 2560]:
                self.browser.emulate(width=width, scheme=scheme)
                self.open()
                self.drawn()
                self.assertEqual(self.browser.run(CONTRASTS), [], f"{scheme}, {width} px")
                self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth"), width)
            grounds.add(self.browser.run("return getComputedStyle(document.body).backgroundColor"))
        self.assertEqual(len(grounds), 2)

    def test_keys_reach_everything(self):
        self.demo()
        self.open()
        self.drawn()
        self.wait("document.querySelectorAll('#decisions li').length >= 2")
        press = self.browser.driver.switch_to
        seen = []
        for _ in range(60):
            press.active_element.send_keys("\ue004")  # Tab
            seen.append(self.browser.run("""const e = document.activeElement;
                return [e.tagName, e.className, e.getAttribute("aria-label"), e.closest("[id]")?.id || "",
                        getComputedStyle(e).outlineStyle, e.getBoundingClientRect().width > 1]"""))
            if seen[-1][0] == "BODY":
                break
        self.assertEqual(seen[0][1], "skip")
        self.assertTrue(all(one[4] != "none" and one[5] for one in seen if one[0] != "BODY"), seen)
        names = {one[0] for one in seen}
        self.assertLessEqual({"A", "LI", "SUMMARY", "DIV"}, names)
        # The decision with the focus is shown in its chart, and keeps the focus over an update.
        self.browser.run("document.querySelector('#decisions li').focus()")
        held = self.browser.run("return document.getElementById('connection').textContent")
        self.wait("document.getElementById('connection').textContent !== arguments[0]", held)
        self.assertEqual(self.browser.run("return document.activeElement.tagName"), "LI")
        component = self.browser.run("return document.activeElement.dataset.component")
        self.browser.run("document.activeElement.blur(); document.querySelector('#decisions li').focus()")
        words = self.browser.run("""return Chart.getChart(document.querySelector(
            `canvas[data-chart="replicas"][data-component="${arguments[0]}"]`)).tooltip.body.flatMap((b) => b.lines)
            .join("")""", component)
        self.assertIn("replicas", words)

    def test_without_scripts_it_says_the_same(self):
        self.demo()
        self.browser.emulate(scripts=False)
        self.open()
        self.browser.emulate()
        text = self.browser.run("return document.body.innerText")
        for words in ["replicas", "no rule asks", "SSE saturation", "streams are open", "need JavaScript"]:
            self.assertIn(words, text)

    def test_a_hostile_name_is_text(self):
        name = "<img src=x onerror=window.pwned=1>\"'"
        self.demo(TENANT_ID=name, PROJECT_ID="</title><script>window.pwned=2</script>")
        self.open()
        self.drawn()
        self.wait("document.getElementById('connection').textContent.startsWith('as of')")
        self.assertIn(name, self.browser.run("return document.querySelector('h1').innerText"))
        self.assertEqual(self.browser.run("return [typeof window.pwned, document.images.length]"), ["undefined", 0])
        self.assertEqual(self.browser.complaints(), [])

    def test_a_restart_of_the_server_is_survived(self):
        server = self.demo()
        self.open()
        self.browser.run("window.mark = 1")
        self.drawn()
        server.stop()
        self.wait("document.getElementById('connection').textContent.includes('no response from chatscale since')")
        self.assertIn("replicas", self.browser.run("return document.body.innerText"))
        self.serve(self.port, METRICS_MODE="demo")
        self.wait("document.getElementById('connection').textContent.startsWith('as of')")
        self.assertEqual(self.browser.run("return window.mark"), 1)

    def test_a_thousand_tenants_are_found_by_typing(self):
        tenants = [{"tenant": f"tenant-{i}", "project": "p"} for i in range(1000)]
        self.serve(METRICS_MODE="redis", REDIS_URL="redis://127.0.0.1:1", METRICS_TARGETS_JSON=json.dumps(tenants))
        self.open()
        self.wait("document.querySelectorAll('#targets tbody tr').length === 50")
        field = self.browser.driver.find_element("id", "search")
        begun = time.monotonic()
        field.send_keys("nt-777")
        self.wait("document.querySelector('#targets tbody').innerText.trim().startsWith('tenant-777/p')")
        self.assertLess(time.monotonic() - begun, 2)
        self.browser.driver.find_element("link text", "tenant-777/p").click()
        self.wait("document.body.innerText.includes('is stale: it has never responded')")
        self.open("/?tenant=nobody&project=p")  # an old link
        self.assertIn("There is no such tenant and project: nobody/p", self.browser.run("return document.body.innerText"))
        self.wait("document.getElementById('connection').textContent.startsWith('this tenant is not there')")
        self.open("/?q=nt-77")  # without scripts, the form's own way
        self.assertEqual(len(self.browser.driver.find_elements("css selector", "#targets tbody tr")), 11)

    def test_scrapes_do_not_wait_for_pages(self):
        self.demo()
        driver = self.browser.driver
        home = driver.current_window_handle
        for _ in range(10):
            driver.switch_to.new_window("tab")
            driver.get(self.url)
        took = []
        until = time.monotonic() + 7  # each page asks twice
        while time.monotonic() < until:
            begun = time.monotonic()
            with urllib.request.urlopen(self.url + "/metrics", timeout=5) as answer:
                answer.read()
            took.append(time.monotonic() - begun)
            time.sleep(0.05)
        for handle in driver.window_handles:
            if handle != home:
                driver.switch_to.window(handle)
                driver.close()
        driver.switch_to.window(home)
        took.sort()
        self.assertLess(took[int(0.95 * len(took))], 0.1)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
