"""The files that chatscale ships for other programs, read."""

import json
import os
import re

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RULE_FILES = [os.path.join(ROOT, "rules", name) for name in ("alerts.yml", "policy.yml", "recording.yml", "slo.yml")]
# Instead of the recommender, not beside it: loaded by those who want it.
RECOMMENDER_RULES = os.path.join(ROOT, "rules", "recommender.yml")
ALERTMANAGER = os.path.join(ROOT, "rules", "alertmanager.yml")
DASHBOARDS = os.path.join(ROOT, "dashboards")
DASHBOARD_NAMES = ["overview", "ingress", "proc", "exporter"]
# Of every alert; inhibitions compare them, and a label missing on both sides counts as equal.
ALERT_LABELS = ["severity", "component", "tenant", "project", "signal"]


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def rules(paths=tuple(RULE_FILES)):
    for path in paths:
        for group in yaml.safe_load(read(path))["groups"]:
            yield from group["rules"]


def alerts():
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


def dashboard(name):
    return json.loads(read(DASHBOARDS, name + ".json"))


def panels(document):
    return [panel for panel in document["panels"] if panel["type"] != "row"]


def expressions(document):
    for panel in panels(document):
        yield from (target["expr"] for target in panel["targets"])
    yield from (annotation["expr"] for annotation in document["annotations"]["list"])


def exported_metrics():
    page = read("docs", "metrics.md")
    histograms = re.findall(r"`(chat_\w+)` \| histogram", page)
    parts = {name + suffix for name in histograms for suffix in ["_bucket", "_sum", "_count"]}
    return parts | set(re.findall(r"`((?:chat|process)_\w+)`", page)) - set(histograms)


def settings():
    """Variable -> default, of the README's table."""
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\|([^|]*)\|", read("README.md"), re.MULTILINE)
    return {name: default.strip(" `") for name, default in rows}
