#!/usr/bin/env python3
"""The shipped rules, judged by the real promtool, and what linters that need a network would ask."""

import os
import re
import subprocess
import sys
import tempfile
import unittest

import yaml
from cases import CASES
from programs import program
from shipped import ALERT_LABELS, RECOMMENDER_RULES, RULE_FILES, alerts, exported_metrics, read, rules

LAST = 50  # minute at which the cases are judged


def promtool(*arguments):
    command = [program("promtool", "prometheus"), *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout + ran.stderr


def steady(value):
    return value if isinstance(value, str) else f"{value}x60"


def interrupted(value):
    """The series ends after 30 minutes, and Prometheus notices."""
    if not isinstance(value, str):
        return f"{value}x30 stale"
    if re.fullmatch(r"[^ ]+x\d+", value):
        return re.sub(r"x\d+$", "x30 stale", value)
    samples = value.split(" ")
    return " ".join(samples[: len(samples) // 2]) + " stale"


def case(alert, name, series, values, fires):
    labels = ",".join(f'{label}!=""' for label in ALERT_LABELS)
    firing = f'count(ALERTS{{alertname="{alert}",alertstate="firing",{labels}}}) or vector(0)'
    return {
        "name": f"{alert} {name}",
        "interval": "1m",
        "input_series": [{"series": key, "values": values(value)} for key, value in series.items()],
        "promql_expr_test": [
            {
                "expr": firing,
                "eval_time": f"{LAST}m",
                "exp_samples": [{"labels": "{}", "value": int(fires)}],
            }
        ],
    }


class RulesTest(unittest.TestCase):
    maxDiff = None

    def test_promtool_takes_the_files(self):
        code, output = promtool("check", "rules", *RULE_FILES, RECOMMENDER_RULES)
        self.assertEqual(code, 0, output)
        self.assertNotIn("duplicate", output)

    def test_every_alert_fires_keeps_quiet_and_ends_with_its_data(self):
        self.assertEqual(sorted(CASES), sorted(alerts()), "cases.py has a case for every alert")
        tests = []
        for alert, given in CASES.items():
            tests.append(case(alert, "fires", given["fire"], steady, True))
            tests.append(case(alert, "keeps quiet", given["quiet"], steady, False))
            if "gap" in given:
                tests.append(case(alert, "survives a gap", given["gap"], steady, False))
            else:
                tests.append(case(alert, "ends with its data", given["fire"], interrupted, False))
        self.run_cases(tests)

    def test_burn_rates_need_traffic(self):
        # Half of what happens is bad, and not much happens.
        tests = []
        for alert in (name for name in CASES if "BudgetBurn" in name):
            total, bad = CASES[alert]["fire"]
            few = {total: "0+0.01x60", bad: "0+0.01x60"}
            tests.append(case(alert, "keeps quiet", few, steady, False))
        self.assertEqual(len(tests), 4)
        self.run_cases(tests)

    def test_everything_refused_is_traffic(self):
        total, bad = CASES["ChatAdmissionBudgetBurnFast"]["fire"]
        nothing_admitted = {total: "0x60", bad: "0+10x60"}
        self.run_cases([case("ChatAdmissionBudgetBurnFast", "fires", nothing_admitted, steady, True)])

    def run_cases(self, tests):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "cases.test.yml")
            with open(file, "w", encoding="utf-8") as out:
                content = {"rule_files": RULE_FILES, "evaluation_interval": "1m"}
                yaml.safe_dump(content | {"tests": tests}, out)
            code, output = promtool("test", "rules", file)
        self.assertEqual(code, 0, output)

    def test_alerts_say_what_a_woken_person_needs(self):
        sections = set(re.findall(r"^## (\w+)$", read("docs", "runbooks.md"), re.MULTILINE))
        self.assertEqual(sections, set(alerts()), "docs/runbooks.md has a section for every alert")
        for name, rule in alerts().items():
            with self.subTest(name):
                self.assertIn(rule["labels"]["severity"], ["critical", "warning", "info"])
                self.assertIn("for", rule)
                texts = rule["annotations"]
                self.assertEqual(sorted(texts), ["description", "runbook_url", "summary"])
                self.assertTrue(texts["runbook_url"].endswith("/docs/runbooks.md#" + name.lower()))
                for text in texts.values():
                    self.assertNotIn("$value", text, "pint: alerts/template")
                    used = set(re.findall(r"\$labels\.(\w+)", text))
                    self.assertLessEqual(used, set(rule["labels"]) | self.labels_of(rule["expr"]))

    def test_alerts_compare(self):
        for name, rule in alerts().items():
            with self.subTest(name):
                self.assertRegex(rule["expr"], r"[<>=!]=? |absent\(", "pint: alerts/comparison")

    def test_every_metric_is_in_the_catalogue(self):
        known = exported_metrics()
        recorded = [rule.get("record") for rule in self.all_rules()]
        for rule in self.all_rules():
            for metric in re.findall(r"(?<![:\w])chat_\w+", rule["expr"]):
                self.assertIn(metric, known)
            for record in re.findall(r"(?:\w+:chat_\w+|slo:\w+):\w+", rule["expr"]):
                self.assertIn(record, recorded)

    @staticmethod
    def all_rules():
        return rules([*RULE_FILES, RECOMMENDER_RULES])

    @staticmethod
    def labels_of(expression):
        """Labels of the result, as the outermost aggregation or the name of a record says."""
        labels = {"instance"} if expression.startswith("up{") else set()
        for by in re.findall(r"\bby \(([^)]*)\)", expression)[:1]:
            labels |= {label.strip() for label in by.split(",")}
        for level in re.findall(r"(\w+):chat_", expression)[:1]:
            labels |= set(level.split("_"))
        return labels


class PolicyWithOverridesTest(unittest.TestCase):
    def test_promtool_takes_the_rules_of_any_policy(self):
        policy = (
            "overrides:\n"
            "- {tenant: 'a: \"b\" #c\\', proc: {out: {pressure: {threshold: 0.8}}}}\n"
            "- {tenant: 'x.y|z', project: p, ingress: {out: {saturation: {enabled: false}}}}\n"
        )
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "policy.yml"), "w", encoding="utf-8") as file:
                file.write(policy)
            command = [PROGRAM, "rules", "--policy.file", file.name]
            written = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            rules_file = os.path.join(folder, "rules.yml")
            with open(rules_file, "w", encoding="utf-8") as file:
                file.write(written)
            code, output = promtool("check", "rules", rules_file)
        self.assertEqual(code, 0, output)
        self.assertEqual(len(yaml.safe_load(written)["groups"]), 4)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
