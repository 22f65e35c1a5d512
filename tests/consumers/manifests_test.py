#!/usr/bin/env python3
"""deploy/kubernetes against the schemas of those who read it, and against the program."""

import os
import re
import subprocess
import sys
import tempfile
import unittest
import urllib.parse
import urllib.request

import jsonschema
import yaml
from crds import CRDS
from manifests import KUBERNETES, SCALERS, SERVICES, VALIDATE, adapter_query, keda_query, manifest, trigger
from programs import Server, free_port
from shipped import ROOT, exported_metrics, read, settings

FOLDERS = ["base", *SCALERS, "hpa", os.path.join("overlays", "production")]
NO_RESOURCE = ["adapter-values.yaml", "policy.yaml"]


def bounds(policy_file):
    """(min, max) of each service, as the program understands the policy."""
    environment = {"METRICS_MODE": "demo", "METRICS_POLICY_FILE": policy_file}
    ran = subprocess.run([PROGRAM, "check"], env=environment, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise AssertionError(ran.stderr)
    policy = yaml.safe_load(ran.stdout[ran.stdout.index("allow_outside") :])
    return {name: (policy[name]["min_replicas"], policy[name]["max_replicas"]) for name in SERVICES}


def files(folder):
    return sorted(name for name in os.listdir(os.path.join(KUBERNETES, folder)) if name not in NO_RESOURCE)


def resources():
    """(path, document) of every resource: no kustomization, no patch."""
    for folder in FOLDERS:
        kustomization = manifest(folder, "kustomization.yaml")
        patches = [patch["path"] for patch in kustomization.get("patches", [])]
        for name in files(folder):
            if name != "kustomization.yaml" and name not in patches:
                yield os.path.join(KUBERNETES, folder, name), manifest(folder, name)


def container():
    return manifest("base", "deployment.yaml")["spec"]["template"]["spec"]["containers"][0]


def environment():
    return {entry["name"]: entry["value"] for entry in container()["env"]}


class SchemaTest(unittest.TestCase):
    def test_kubernetes_takes_its_own_kinds(self):
        self.assertTrue(os.path.exists(VALIDATE), f"no {VALIDATE}: ./dev check installs it from PyPI")
        core = [path for path, document in resources() if document["kind"] not in CRDS]
        self.assertIn("hpa", " ".join(core))
        ran = subprocess.run([VALIDATE, "--strict", *core], capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def test_keda_and_the_prometheus_operator_take_theirs(self):
        kinds = set()
        for path, document in resources():
            if document["kind"] in CRDS:
                with self.subTest(path):
                    jsonschema.validate(document, CRDS[document["kind"]])
                    kinds.add(document["kind"])
        self.assertEqual(kinds, set(CRDS))

    def test_kustomizations_name_what_there_is(self):
        for folder in FOLDERS:
            with self.subTest(folder):
                kustomization = manifest(folder, "kustomization.yaml")
                named = ["kustomization.yaml"]
                for resource in kustomization["resources"]:
                    if resource.startswith(".."):
                        self.assertTrue(os.path.isdir(os.path.join(KUBERNETES, folder, resource)))
                    else:
                        named.append(resource)
                named += [patch["path"] for patch in kustomization.get("patches", [])]
                self.assertEqual(sorted(named), files(folder))
                self.assertEqual(kustomization["namespace"], "chat")


class DeploymentTest(unittest.TestCase):
    def test_its_environment_is_valid(self):
        self.assertLessEqual(set(environment()), set(settings()))
        with tempfile.TemporaryDirectory() as folder:
            password = os.path.join(folder, "redis-password")
            with open(password, "w", encoding="utf-8") as file:
                file.write("secret")
            ran = subprocess.run(
                [PROGRAM, "check"],
                env=environment() | {"REDIS_PASSWORD_FILE": password},
                capture_output=True,
                text=True,
                check=False,
            )
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertNotIn("unknown", ran.stdout + ran.stderr)

    def test_its_paths_are_mounted(self):
        mounts = {mount["mountPath"] for mount in container()["volumeMounts"]}
        for name, value in environment().items():
            if name.endswith("_FILE"):
                self.assertIn(os.path.dirname(value), mounts)
        volumes = manifest("base", "deployment.yaml")["spec"]["template"]["spec"]["volumes"]
        self.assertEqual(volumes[1]["secret"]["items"][0]["path"], "redis-password")
        self.assertEqual({m["name"] for m in container()["volumeMounts"]}, {v["name"] for v in volumes})

    def test_its_probes_and_port_are_the_programs(self):
        self.assertEqual(str(container()["ports"][0]["containerPort"]), settings()["METRICS_PORT"])
        address = f"127.0.0.1:{free_port()}"
        server = Server(
            [PROGRAM, "serve"],
            f"http://{address}{container()['readinessProbe']['httpGet']['path']}",
            {"METRICS_MODE": "demo", "METRICS_LISTEN_ADDRESS": address},
        )
        self.addCleanup(server.stop)
        endpoint = manifest("base", "servicemonitor.yaml")["spec"]["endpoints"][0]
        for path in (container()["livenessProbe"]["httpGet"]["path"], endpoint["path"]):
            urllib.request.urlopen(f"http://{address}{path}").close()

    def test_it_has_no_right_that_it_does_not_use(self):
        pod = manifest("base", "deployment.yaml")["spec"]["template"]["spec"]
        security = container()["securityContext"]
        self.assertTrue(security["readOnlyRootFilesystem"])
        self.assertFalse(security["allowPrivilegeEscalation"])
        self.assertEqual(security["capabilities"]["drop"], ["ALL"])
        self.assertTrue(pod["securityContext"]["runAsNonRoot"])
        self.assertIn(f"USER {pod['securityContext']['runAsUser']}:", read("Dockerfile"))
        self.assertFalse(pod["automountServiceAccountToken"])
        self.assertFalse(pod["enableServiceLinks"])

    def test_everything_selects_its_pods_by_the_same_labels(self):
        deployment = manifest("base", "deployment.yaml")
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        service = manifest("base", "service.yaml")
        self.assertEqual(service["spec"]["selector"], labels)
        self.assertEqual(deployment["spec"]["selector"]["matchLabels"], labels)
        budget = manifest("base", "poddisruptionbudget.yaml")
        self.assertEqual(budget["spec"]["selector"]["matchLabels"], labels)
        network = manifest("base", "networkpolicy.yaml")
        self.assertEqual(network["spec"]["podSelector"]["matchLabels"], labels)
        monitor = manifest("base", "servicemonitor.yaml")["spec"]
        self.assertEqual(monitor["selector"]["matchLabels"], service["metadata"]["labels"])
        self.assertEqual(monitor["endpoints"][0]["port"], service["spec"]["ports"][0]["name"])
        # The job that the rules ask for.
        self.assertEqual(service["metadata"]["labels"][monitor["jobLabel"]], "chatscale")


class AutoscalerTest(unittest.TestCase):
    maxDiff = None

    def assert_hands_over(self, behavior):
        """Stabilization, steps and bands are ours alone."""
        for direction in ("scaleUp", "scaleDown"):
            self.assertEqual(behavior[direction]["stabilizationWindowSeconds"], 0)
            self.assertEqual(behavior[direction]["tolerance"], "0")
            self.assertEqual(behavior[direction]["selectPolicy"], "Max")
        self.assertEqual(
            behavior["scaleDown"]["policies"], [{"type": "Percent", "value": 100, "periodSeconds": 15}]
        )
        self.assertEqual(behavior["scaleUp"]["policies"], [{"type": "Pods", "value": 100, "periodSeconds": 15}])

    def test_scaled_objects_do_what_the_design_demands(self):
        limits = bounds(os.path.join(ROOT, "recommender", "policies", "documented.yaml"))
        for folder in SCALERS:
            for service in SERVICES:
                with self.subTest(f"{folder} {service}"):
                    spec = manifest(folder, service + ".yaml")["spec"]
                    self.assertEqual(spec["scaleTargetRef"]["name"], service)
                    self.assertEqual((spec["minReplicaCount"], spec["maxReplicaCount"]), limits[service])
                    self.assertGreaterEqual(spec["minReplicaCount"], 1)
                    self.assertEqual(spec["fallback"]["behavior"], "currentReplicasIfHigher")
                    self.assertEqual(len(spec["triggers"]), 1, "the larger of two would forbid scale-ins")
                    self.assertEqual(spec["triggers"][0]["metricType"], "AverageValue")
                    self.assert_hands_over(spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"])

    def test_the_prometheus_scaler_asks_for_one_series_and_takes_no_answer_for_an_error(self):
        for service in SERVICES:
            metadata = trigger("keda-prometheus", service)["metadata"]
            self.assertEqual(metadata["threshold"], "1")
            self.assertEqual(metadata["ignoreNullValues"], "false")
            self.assertRegex(keda_query(service), r"^max\(last_over_time\(")
            self.assertIn(f'component="{service}"', keda_query(service))

    def test_the_direct_scaler_asks_every_chatscale(self):
        service_port = manifest("base", "service.yaml")["spec"]["ports"][0]["port"]
        for service in SERVICES:
            metadata = trigger("keda-direct", service)["metadata"]
            self.assertEqual(metadata["targetValue"], "1")
            self.assertEqual(metadata["aggregationType"], "max")
            url = urllib.parse.urlparse(metadata["url"])
            self.assertEqual(url.hostname.split("."), ["chatscale", "chat", "svc"])
            self.assertEqual(url.port, service_port)
            self.assertEqual(url.query, "", "KEDA drops it")

    def test_hpas_do_the_same(self):
        limits = bounds(os.path.join(ROOT, "recommender", "policies", "documented.yaml"))
        for service in SERVICES:
            spec = manifest("hpa", service + ".yaml")["spec"]
            self.assertEqual((spec["minReplicas"], spec["maxReplicas"]), limits[service])
            target = spec["metrics"][0]["external"]["target"]
            self.assertEqual(target, {"type": "AverageValue", "averageValue": "1"})
            self.assert_hands_over(spec["behavior"])

    def test_queries_name_metrics_of_the_catalogue(self):
        for service in SERVICES:
            for query in (keda_query(service), adapter_query(service)):
                for metric in re.findall(r"\bchat_\w+", query):
                    self.assertIn(metric, exported_metrics())

    def test_the_overlays_policy_is_valid_and_keeps_the_bounds(self):
        overlay = os.path.join(KUBERNETES, "overlays", "production", "policy.yaml")
        shipped = os.path.join(ROOT, "recommender", "policies", "documented.yaml")
        self.assertEqual(bounds(overlay), bounds(shipped))
        patch = manifest("overlays", "production", "deployment-policy.yaml")["spec"]["template"]["spec"]
        variable = patch["containers"][0]["env"][0]
        self.assertIn(variable["name"], settings())
        mount = patch["containers"][0]["volumeMounts"][0]
        self.assertEqual(variable["value"], mount["mountPath"] + "/policy.yaml")


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
