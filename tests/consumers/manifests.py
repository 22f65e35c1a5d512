"""deploy/kubernetes, read."""

import os

import yaml
from shipped import ROOT, read

KUBERNETES = os.path.join(ROOT, "deploy", "kubernetes")
VALIDATE = os.path.join(ROOT, "build", "python", "bin", "kubernetes-validate")
SCALERS = ["keda-prometheus", "keda-direct"]
SERVICES = ["ingress", "proc"]


def manifest(*path):
    return yaml.safe_load(read(KUBERNETES, *path))


def trigger(folder, service):
    return manifest(folder, service + ".yaml")["spec"]["triggers"][0]


def keda_query(service):
    return trigger("keda-prometheus", service)["metadata"]["query"]


def adapter_query(service):
    """What Prometheus Adapter makes of its rule for the metric that the HPA asks for."""
    metric = manifest("hpa", service + ".yaml")["spec"]["metrics"][0]["external"]["metric"]
    matchers = ",".join(f'{name}="{value}"' for name, value in metric["selector"]["matchLabels"].items())
    rule = manifest("hpa", "adapter-values.yaml")["rules"]["external"][0]
    return rule["metricsQuery"].replace("<<.Series>>", metric["name"]).replace("<<.LabelMatchers>>", matchers)


def adapter_series():
    return manifest("hpa", "adapter-values.yaml")["rules"]["external"][0]["seriesQuery"]
