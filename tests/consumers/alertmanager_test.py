#!/usr/bin/env python3
"""The shipped Alertmanager configuration, judged by amtool and by a running Alertmanager."""

import json
import subprocess
import tempfile
import time
import unittest
import urllib.request

import yaml
from programs import alertmanager, program
from shipped import ALERT_LABELS, ALERTMANAGER, read

PACKAGE = "prometheus-alertmanager"


def alert(name, severity, signal, component="proc", tenant="t"):
    return {
        "alertname": name,
        "severity": severity,
        "signal": signal,
        "component": component,
        "tenant": tenant,
        "project": "p",
    }


class ConfigurationTest(unittest.TestCase):
    def test_amtool_takes_it(self):
        ran = subprocess.run(
            [program("amtool", PACKAGE), "check-config", ALERTMANAGER], capture_output=True, text=True, check=False
        )
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def test_severities_go_where_they_should(self):
        for severity, receiver in {"critical": "on-call", "warning": "team", "info": "log"}.items():
            command = [program("amtool", PACKAGE), "config", "routes", "test", f"--config.file={ALERTMANAGER}"]
            ran = subprocess.run(
                [*command, f"--verify.receivers={receiver}", f"severity={severity}", "tenant=t"],
                capture_output=True,
                text=True,
                check=False,
            )
            self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def test_every_alert_has_the_labels_that_inhibitions_compare(self):
        config = yaml.safe_load(read(ALERTMANAGER))
        equal = {label for rule in config["inhibit_rules"] for label in rule.get("equal", [])}
        # rules_test.py asks for these of every firing alert.
        self.assertLessEqual(equal, set(ALERT_LABELS))


class InhibitionTest(unittest.TestCase):
    """Alerts sent to a running Alertmanager; those it suppresses."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.url = f"http://{alertmanager(cls, ALERTMANAGER, folder.name)}/api/v2/alerts"

    def suppressed(self, *alerts):
        """Names of those suppressed, once that has been the same for a second: the inhibitor takes
        alerts up by itself. Each test has a tenant of its own."""
        body = json.dumps([{"labels": labels} for labels in alerts]).encode()
        request = urllib.request.Request(
            self.url, body, {"Content-Type": "application/json"}, method="POST"
        )
        urllib.request.urlopen(request).close()
        names = {labels["alertname"] for labels in alerts}
        tenants = {labels["tenant"] for labels in alerts}
        seen = []
        for _ in range(200):
            with urllib.request.urlopen(self.url) as answer:
                all_alerts = json.load(answer)
            mine = [a for a in all_alerts if a["labels"]["tenant"] in tenants]
            processed = [a for a in mine if a["status"]["state"] != "unprocessed"]
            if names <= {a["labels"]["alertname"] for a in processed}:
                seen.append({a["labels"]["alertname"] for a in processed if a["status"]["inhibitedBy"]})
                if len(seen) >= 10 and all(suppressed == seen[-1] for suppressed in seen[-10:]):
                    return seen[-1]
            time.sleep(0.1)
        raise AssertionError("Alertmanager does not show the alerts")

    def test_the_worse_alert_of_a_signal_is_enough(self):
        self.assertEqual(
            self.suppressed(
                alert("ChatQueueFull", "critical", "queue_pressure", tenant="a"),
                alert("ChatQueuePressureHigh", "warning", "queue_pressure", tenant="a"),
                alert("ChatQueueWaitHigh", "warning", "queue_wait", tenant="a"),
                alert("ChatSSESaturationHigh", "warning", "sse", "ingress", tenant="a"),
            ),
            {"ChatQueuePressureHigh"},
        )

    def test_another_tenants_alert_inhibits_nothing(self):
        self.assertEqual(
            self.suppressed(
                alert("ChatQueueFull", "critical", "queue_pressure", tenant="b"),
                alert("ChatQueuePressureHigh", "warning", "queue_pressure", tenant="c"),
            ),
            set(),
        )

    def test_a_source_that_is_down_explains_old_input_but_not_missing_advice(self):
        self.assertEqual(
            self.suppressed(
                alert("ChatSourceDown", "warning", "input", "exporter", tenant="d"),
                alert("ChatSnapshotStale", "warning", "input", "exporter", tenant="d"),
                alert("ChatRecommenderInputStale", "warning", "input", tenant="d"),
                alert("ChatRecommenderInvalid", "critical", "input", tenant="d"),
            ),
            {"ChatSnapshotStale", "ChatRecommenderInputStale"},
        )

    def test_zz_without_any_chatscale_nothing_else_is_news(self):
        # Last: it inhibits the alerts of the other tests as well.
        self.assertEqual(
            self.suppressed(
                alert("ChatscaleAbsent", "critical", "exporter", "exporter", tenant="all"),
                alert("ChatQueueFull", "critical", "queue_pressure", tenant="e"),
                alert("ChatSourceDown", "warning", "input", "exporter", tenant="e"),
            ),
            {"ChatQueueFull", "ChatSourceDown"},
        )


if __name__ == "__main__":
    unittest.main()
