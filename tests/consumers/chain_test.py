#!/usr/bin/env python3
"""chatscale (demo) -> Prometheus with the shipped rules -> Alertmanager -> a webhook: all real.

Time is scaled, as the demo scales it: what the rules call a minute is a second here.
"""

import http.server
import json
import os
import re
import sys
import tempfile
import threading
import time
import unittest

import yaml
from programs import Server, alertmanager, ask, free_port, prometheus
from shipped import (
    ALERTMANAGER,
    DASHBOARD_NAMES,
    RECOMMENDER_RULES,
    RULE_FILES,
    dashboard,
    expressions,
    read,
    rules,
)

# One ingress replica is too few for the day and enough for the night.
POLICY = "ingress: {max_replicas: 1}\n"
# A day in a minute and a half.
SPEED = "1000"

# What this demo does not show.
NO_DATA = {
    "chat_exporter_collect_errors_total": "no collection fails",
    "chat_proc_admitted_tasks_total": "only Redis has the counter",
    "chat_ingress_sse_hottest_worker_saturation_ratio": "only Redis tells of single workers",
    "chat_exporter_series_dropped_total": "nothing is dropped",
    "chat_proc_jobs_claimed": "only Redis has background jobs",
    "chat_proc_jobs_waiting": "only Redis has background jobs",
}
# What no system shows; the rest of the family is there.
NEVER = {
    'tenant_project_component_signal:chat_policy_signal:max{component="ingress",signal="waiting"}': (
        "the rule of both services subtracts it; ingress has no queue"
    ),
}
# What it shows only after something has happened.
SOMETIMES = {
    "chat_recommender_last_decision_timestamp_seconds": "with one replica at most, little changes",
    "tenant_project_component_rule:chat_policy_rule:active": "rules look back for minutes",
    "tenant_project_component:chat_policy_want:in": "scale-in looks back for ten minutes",
    "tenant_project_component:chat_policy_proposal:out": "nothing is proposed",
    "tenant_project_component:chat_policy_proposal:in": "nothing is proposed",
}

SELECTOR = r"((?:\w+:)?(?:(?:chat|process)_\w+|\bup\b|ALERTS)(?::\w+)?)(\{[^}]*\})?"


def scaled(text):
    """Durations of rules and routes, sixty times shorter."""
    return re.sub(r"(?<![\w.])(\d+)(m|h)(?=[\s\]}]|$)", lambda d: d[1] + "sm"["mh".index(d[2])], text)


def shipped_expressions():
    """Those of the dashboards with everything selected, as Grafana would ask."""
    yield from (rule["expr"] for rule in rules([*RULE_FILES, RECOMMENDER_RULES]))
    for name in DASHBOARD_NAMES:
        for expression in expressions(dashboard(name)):
            expression = expression.replace("$__rate_interval", "1m")
            yield re.sub(r"\$\w+", ".+", expression)


class Webhook:
    def __init__(self):
        self.alerts = []  # in the order of arrival
        received = self.alerts

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                received.extend(json.loads(body)["alerts"])
                self.send_response(200)
                self.end_headers()

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def wait_for(self, name, status, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for alert in list(self.alerts):
                if alert["labels"]["alertname"] == name and alert["status"] == status:
                    return alert
            time.sleep(0.2)
        seen = [(a["labels"]["alertname"], a["status"]) for a in self.alerts]
        raise AssertionError(f"no {status} {name} within {seconds} s; seen: {seen}")


class ChainTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.webhook = Webhook()
        cls.addClassCleanup(cls.webhook.stop)
        cls.prometheus = cls.start_prometheus(cls.start_chatscale(), cls.start_alertmanager())

    @classmethod
    def write(cls, name, text):
        path = os.path.join(cls.folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    @classmethod
    def start_chatscale(cls):
        address = f"127.0.0.1:{free_port()}"
        environment = {
            "METRICS_MODE": "demo",
            "METRICS_DEMO_SPEED": SPEED,
            "METRICS_LISTEN_ADDRESS": address,
            "METRICS_POLICY_FILE": cls.write("policy.yml", POLICY),
            "METRICS_TEXTFILE_PATH": os.path.join(cls.folder.name, "chatscale.prom"),
        }
        server = Server([CHATSCALE, "serve"], f"http://{address}/-/ready", environment)
        cls.addClassCleanup(server.stop)
        return address

    @classmethod
    def start_alertmanager(cls):
        config = yaml.safe_load(scaled(read(ALERTMANAGER)))
        for receiver in config["receivers"]:
            receiver["webhook_configs"] = [{"url": cls.webhook.url, "send_resolved": True}]
        path = cls.write("alertmanager.yml", yaml.safe_dump(config))
        return alertmanager(cls, path, cls.folder.name)

    @classmethod
    def start_prometheus(cls, chatscale, alerting):
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [
                cls.write(f"scaled-{os.path.basename(path)}", scaled(read(path))) for path in RULE_FILES
            ]
            # Only evaluated more often: RecommenderRulesTest gives it the minutes that it looks back.
            + [cls.write("recommender.yml", read(RECOMMENDER_RULES).replace("interval: 15s", "interval: 1s"))],
            "scrape_configs": [
                {"job_name": "chatscale", "static_configs": [{"targets": [chatscale]}]}
            ],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alerting]}]}]},
        }
        return prometheus(cls, config, cls.folder.name)

    def test_a_saturation_alert_arrives_and_is_resolved(self):
        alert = self.webhook.wait_for("ChatSSESaturationCritical", "firing", seconds=60)
        self.assertEqual(
            {name: alert["labels"][name] for name in ("severity", "component", "tenant", "project")},
            {"severity": "critical", "component": "ingress", "tenant": "demo", "project": "demo"},
        )
        self.assertEqual(
            alert["annotations"]["summary"], "Ingress of demo/demo is about to refuse streams."
        )
        self.assertIn("90% of the stream limit or more", alert["annotations"]["description"])
        self.assertTrue(alert["annotations"]["runbook_url"].endswith("#chatssesaturationcritical"))
        self.webhook.wait_for("ChatSSESaturationCritical", "resolved", seconds=120)

    def test_every_expression_runs_and_every_selector_finds_series(self):
        time.sleep(5)  # a few evaluations, for the recorded series
        without = set()
        for expression in shipped_expressions():
            ask(self.prometheus, expression)
            for metric, matchers in re.findall(SELECTOR, expression):
                found = ask(self.prometheus, metric + matchers)
                if metric + matchers in NEVER:
                    self.assertFalse(found)
                elif not found:
                    without.add(metric)
        self.assertEqual(without - set(SOMETIMES), set(NO_DATA))


if __name__ == "__main__":
    CHATSCALE = sys.argv.pop(1)
    unittest.main()
