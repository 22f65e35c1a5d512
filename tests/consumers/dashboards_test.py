#!/usr/bin/env python3
"""The shipped dashboards: as generated, what grafana/dashboard-linter asks, and true to the program."""

import os
import re
import subprocess
import tempfile
import unittest

import yaml
from shipped import (
    DASHBOARD_NAMES,
    DASHBOARDS,
    ROOT,
    alerts,
    dashboard,
    exported_metrics,
    expressions,
    panels,
    read,
)

# Not series of chatscale.
WITHOUT_MATCHERS = {"ALERTS"}


class DashboardsTest(unittest.TestCase):
    def each(self):
        for name in DASHBOARD_NAMES:
            with self.subTest(name):
                yield dashboard(name)

    def test_they_are_what_the_generator_writes(self):
        # Which also loads them into the library and dumps them again: no key may be lost.
        python = os.path.join(ROOT, "build", "python", "bin", "python")
        self.assertTrue(os.path.exists(python), f"no {python}: ./dev check installs it from PyPI")
        with tempfile.TemporaryDirectory() as folder:
            generator = os.path.join(DASHBOARDS, "source", "generate.py")
            subprocess.run([python, "-B", generator, folder], check=True)
            self.assertEqual(sorted(os.listdir(folder)), sorted(name + ".json" for name in DASHBOARD_NAMES))
            for name in os.listdir(folder):
                self.assertEqual(read(DASHBOARDS, name), read(folder, name), "stale: run ./dev dashboards")

    def test_names_and_links(self):
        uids = set()
        for document in self.each():
            uids.add(document["uid"])
            self.assertFalse(document["editable"])
            self.assertIn("chatscale", document["tags"])
            self.assertEqual([link["tags"] for link in document["links"]], [["chatscale"]])
            self.assertTrue(document["links"][0]["includeVars"])
            self.assertTrue(document["title"] and document["description"])
        self.assertEqual(len(uids), len(DASHBOARD_NAMES))

    def test_variables(self):
        for document in self.each():
            variables = {each["name"]: each for each in document["templating"]["list"]}
            self.assertEqual(variables["datasource"]["type"], "datasource")
            self.assertEqual(variables["datasource"]["label"], "Data source")
            expected = {"datasource", "job", "instance", "tenant", "project"}
            self.assertLessEqual(expected, set(variables))
            for name in set(variables) - {"datasource"}:
                self.assertTrue(variables[name]["multi"] and variables[name]["includeAll"])
                self.assertEqual(variables[name]["allValue"], ".+")
                self.assertEqual(variables[name]["refresh"], 2, "on time range change")
                self.assertEqual(variables[name]["datasource"]["uid"], "${datasource}")
            used = set(re.findall(r"\$(\w+)", " ".join(expressions(document))))
            self.assertEqual(used - {"__rate_interval"}, used & set(variables))

    def test_panels(self):
        for document in self.each():
            ids = [panel["id"] for panel in document["panels"]]
            self.assertEqual(len(ids), len(set(ids)))
            for panel in panels(document):
                self.assertTrue(panel["title"] and panel["description"].endswith("."))
                self.assertTrue(panel["fieldConfig"]["defaults"]["unit"])
                self.assertEqual(panel["datasource"]["uid"], "${datasource}")
                for target in panel["targets"]:
                    self.assertEqual(target["datasource"]["uid"], "${datasource}")

    def test_panels_do_not_overlap(self):
        for document in self.each():
            taken = set()
            for panel in document["panels"]:
                at = panel["gridPos"]
                self.assertLessEqual(at["x"] + at["w"], 24)
                cells = {
                    (x, y)
                    for x in range(at["x"], at["x"] + at["w"])
                    for y in range(at["y"], at["y"] + at["h"])
                }
                self.assertFalse(cells & taken, panel.get("title"))
                taken |= cells

    def test_expressions_select_by_job_and_instance(self):
        for document in self.each():
            for expression in expressions(document):
                for metric, matchers in re.findall(r"\b([a-zA-Z_]\w+)\{([^}]*)\}", expression):
                    if metric not in WITHOUT_MATCHERS:
                        self.assertIn('job=~"$job",instance=~"$instance"', matchers)
                for window in re.findall(r"rate\([^[]*\[([^]]+)\]", expression):
                    self.assertEqual(window, "$__rate_interval")

    def test_every_metric_is_exported(self):
        known = exported_metrics()
        for document in self.each():
            for metric in re.findall(r"\b(?:chat|process)_\w+", " ".join(expressions(document))):
                self.assertIn(metric, known)

    def test_thresholds_are_those_of_the_alerts(self):
        """The policy is the one source of both; the panels that show it are found by their metric."""
        limits = {
            "chat_ingress_sse_saturation_ratio": "ChatSSESaturationHigh",
            "chat_ingress_rest_latency_p95_seconds": "ChatRestLatencyHigh",
            "chat_proc_queue_pressure_ratio": "ChatQueuePressureHigh",
            "chat_proc_queue_wait_p95_seconds": "ChatQueueWaitHigh",
            "chat_exporter_snapshot_age_seconds": "ChatSnapshotStale",
        }
        for metric, alert in limits.items():
            expected = float(alerts()[alert]["expr"].split("> ")[-1])
            shown = [
                panel["fieldConfig"]["defaults"]["thresholds"]["steps"][-1]["value"]
                for name in DASHBOARD_NAMES
                for panel in panels(dashboard(name))
                if any(metric + "{" in target["expr"] for target in panel["targets"])
            ]
            self.assertEqual(shown, [expected], metric)

    def test_provisioning_names_what_is_there(self):
        source = yaml.safe_load(read(DASHBOARDS, "provisioning", "datasources.yml"))["datasources"][0]
        self.assertEqual((source["type"], source["uid"]), ("prometheus", "prometheus"))
        provider = yaml.safe_load(read(DASHBOARDS, "provisioning", "dashboards.yml"))["providers"][0]
        self.assertEqual(provider["type"], "file")


if __name__ == "__main__":
    unittest.main()
