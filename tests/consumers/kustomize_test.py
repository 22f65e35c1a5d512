#!/usr/bin/env python3
"""What the real kustomize makes of deploy/kubernetes. Part of ./dev consumers, which installs it."""

import collections
import os
import shutil
import subprocess
import tempfile
import unittest

import jsonschema
import yaml
from crds import CRDS
from manifests import KUBERNETES, VALIDATE

RESOURCES = {
    "base": {"Deployment": 1, "Service": 1, "ServiceMonitor": 1, "PodDisruptionBudget": 1, "NetworkPolicy": 1},
    "keda-prometheus": {"ScaledObject": 2},
    "keda-direct": {"ScaledObject": 2},
    "hpa": {"HorizontalPodAutoscaler": 2},
}
RESOURCES["overlays/production"] = (
    RESOURCES["base"] | RESOURCES["keda-prometheus"] | {"ConfigMap": 1, "TriggerAuthentication": 1}
)


def built(folder):
    if shutil.which("kustomize") is None:
        raise AssertionError("no kustomize: ./dev consumers installs it")
    command = ["kustomize", "build", os.path.join(KUBERNETES, folder)]
    return list(yaml.safe_load_all(subprocess.run(command, check=True, capture_output=True).stdout))


def only(documents, kind):
    return [document for document in documents if document["kind"] == kind]


class KustomizeTest(unittest.TestCase):
    def test_every_folder_builds_and_is_valid(self):
        for folder, expected in RESOURCES.items():
            documents = built(folder)
            with self.subTest(folder):
                self.assertEqual(collections.Counter(d["kind"] for d in documents), expected)
                self.assertEqual({d["metadata"]["namespace"] for d in documents}, {"chat"})
                self.validate(documents)

    def validate(self, documents):
        for document in documents:
            if document["kind"] in CRDS:
                jsonschema.validate(document, CRDS[document["kind"]])
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            yaml.safe_dump_all([d for d in documents if d["kind"] not in CRDS], file)
            file.flush()
            ran = subprocess.run([VALIDATE, "--strict", file.name], capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def test_the_overlay_changes_what_it_says(self):
        documents = built("overlays/production")
        [policy] = only(documents, "ConfigMap")
        [deployment] = only(documents, "Deployment")
        pod = deployment["spec"]["template"]["spec"]
        self.assertRegex(pod["containers"][0]["image"], r"^registry\.example\.com/chatscale:\d")
        mounted = [v["configMap"]["name"] for v in pod["volumes"] if "configMap" in v]
        # By its hash: a changed policy is a rollout.
        self.assertEqual(mounted, [policy["metadata"]["name"]])
        self.assertRegex(policy["metadata"]["name"], r"^chatscale-policy-\w{10}$")
        for scaled in only(documents, "ScaledObject"):
            [trigger] = scaled["spec"]["triggers"]
            self.assertEqual(trigger["authenticationRef"], {"name": "chatscale-prometheus"})
            self.assertEqual(trigger["metadata"]["authModes"], "bearer")


if __name__ == "__main__":
    unittest.main()
