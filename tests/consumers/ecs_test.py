#!/usr/bin/env python3
"""deploy/ecs and deploy/env: judged by AWS' own models of its requests, by cfn-lint, applied to moto, and by the program.

Arguments: the program. Runs by the Python that has moto (./dev check).
"""

import glob
import json
import math
import os
import re
import subprocess
import sys
import unittest

import yaml
from programs import Server, free_port
from shipped import ROOT, read, settings

PYTHON = os.path.join(ROOT, "build", "python", "bin", "python")
ECS = os.path.join(ROOT, "deploy", "ecs")
sys.path.insert(0, ECS)
import generate  # noqa: E402
ENV = os.path.join(ROOT, "deploy", "env")
SERVICES = ["ingress", "proc"]
BANDS = [1, 2, 3]
REGION = "eu-west-1"
# File -> {service, operation}. A trust policy and a policy become the request with their role's name.
REQUESTS = {
    "metrics-task-definition.json": ("ecs", "RegisterTaskDefinition"),
    "metrics-scheduled-task.json": ("ecs", "RegisterTaskDefinition"),
    "metrics-eventbridge-rule.json": ("events", "PutRule"),
    "metrics-eventbridge-targets.json": ("events", "PutTargets"),
}
for each in SERVICES:
    REQUESTS[f"{each}/scalable-target.json"] = ("application-autoscaling", "RegisterScalableTarget")
    REQUESTS[f"{each}/target-tracking.json"] = ("application-autoscaling", "PutScalingPolicy")
    for band in BANDS:
        REQUESTS[f"{each}/step-{band}.json"] = ("application-autoscaling", "PutScalingPolicy")
        REQUESTS[f"{each}/alarm-{band}.json"] = ("cloudwatch", "PutMetricAlarm")
ROLES = {"task": "task", "execution": "task", "events": "events"}  # policy -> trust


def request(path):
    return json.loads(read(ECS, path))


def policies():
    return [path for path in REQUESTS if "tracking" in path or "step" in path]


def metrics_of(document):
    """(namespace, name, dimensions) of each metric that a request names."""
    if isinstance(document, list):
        return [metric for item in document for metric in metrics_of(item)]
    if not isinstance(document, dict):
        return []
    if "MetricName" in document:
        dimensions = frozenset((d["Name"], d["Value"]) for d in document["Dimensions"])
        return [(document["Namespace"], document["MetricName"], dimensions)]
    return metrics_of(list(document.values()))


def terms(alarm):
    """What an alarm computes."""
    return [(m["Id"], m.get("Expression"), m.get("MetricStat", {}).get("Stat")) for m in alarm["Metrics"]]


def answers(files, service, desired):
    """The counts that the alarms as written set while this is recommended."""
    found = []
    for path in sorted(path for path in files if path.startswith(f"{service}/alarm-")):
        alarm, step = json.loads(files[path]), json.loads(files[path.replace("alarm", "step")])
        band = re.fullmatch(r"IF\(desired <= (\d+), desired, 0\)", alarm["Metrics"][-1].get("Expression", "IF(desired <= 999999, desired, 0)"))
        over = (desired if desired <= int(band[1]) else 0) - alarm["Threshold"]
        if over < 0:
            continue
        steps = step["StepScalingPolicyConfiguration"]["StepAdjustments"]
        found += [s["ScalingAdjustment"] for s in steps
                  if s["MetricIntervalLowerBound"] <= over < s.get("MetricIntervalUpperBound", math.inf)]
    return found


def environment_of(container):
    return {entry["name"]: entry["value"] for entry in container["environment"]}


def read_env(path):
    """(variables, variables in comments) of an environment file."""
    lines = re.findall(r"^(#?)([A-Z_0-9]+)=(.*)$", read(path), re.MULTILINE)
    return {name: value for off, name, value in lines if not off}, {name for off, name, _ in lines if off}


class FilesTest(unittest.TestCase):
    def test_every_file_is_judged(self):
        files = {os.path.relpath(path, ECS) for path in glob.glob(os.path.join(ECS, "**", "*.json"), recursive=True)}
        roles = {f"iam/{name}-policy.json" for name in ROLES} | {f"iam/{name}-trust.json" for name in ROLES.values()}
        self.assertEqual(files, set(REQUESTS) | roles)

    def test_requests_are_of_the_form_aws_takes(self):
        session = botocore.session.get_session()
        for path, (service, operation) in REQUESTS.items():
            with self.subTest(path):
                shape = session.get_service_model(service).operation_model(operation).input_shape
                report = botocore.validate.ParamValidator().validate(request(path), shape)
                self.assertFalse(report.has_errors(), report.generate_report())

    def test_variables_are_settings(self):
        for path in ["metrics-task-definition.json", "metrics-scheduled-task.json"]:
            container = request(path)["containerDefinitions"][0]
            names = set(environment_of(container)) | {secret["name"] for secret in container["secrets"]}
            self.assertLessEqual(names, set(settings()), path)
            environment = environment_of(container) | {"REDIS_URL": "redis://r", "AWS_EC2_METADATA_DISABLED": "0"}
            ran = subprocess.run([PROGRAM, "check"], env=environment, capture_output=True, text=True, check=False)
            self.assertEqual(ran.returncode, 0, ran.stderr)

    def test_nothing_is_allowed_that_is_not_needed(self):
        actions = {}
        for name in ROLES:
            for statement in request(f"iam/{name}-policy.json")["Statement"]:
                listed = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                for action in listed:
                    self.assertNotIn("*", action)
                    actions[action] = statement
        self.assertEqual(actions["cloudwatch:PutMetricData"]["Condition"],
                         {"StringEquals": {"cloudwatch:namespace": settings()["METRICS_CLOUDWATCH_NAMESPACE"]}})
        anywhere = {action for action, statement in actions.items() if statement["Resource"] == "*"}
        # AWS knows no resource for these.
        self.assertEqual(anywhere, {"cloudwatch:PutMetricData", "ecr:GetAuthorizationToken"})

    def test_files_are_what_the_generator_writes(self):
        for path, text in generate.files_of(read(ECS, "chatscale.cfn.yaml"), 1, 100).items():
            self.assertEqual(read(ECS, path), text, path)

    def test_each_recommendation_has_one_answer(self):
        for least, most in [(1, 100), (1, 1), (2, 20), (1, 21), (3, 41), (1, 50), (5, 1000), (30, 30)]:
            files = generate.files_of(read(ECS, "chatscale.cfn.yaml"), least, most)
            for desired in range(1, most + 10):
                with self.subTest(least=least, most=most, desired=desired):
                    found = answers(files, "proc", desired)
                    self.assertEqual(len(found), 1)
                    wanted = min(max(desired, least), most)
                    self.assertGreaterEqual(found[0], wanted)
                    self.assertLessEqual(found[0], wanted if wanted < least + 40 else min(most, math.ceil(1.2 * wanted)))

    def test_steps_are_of_the_form_aws_takes(self):
        for service in SERVICES:
            for band in BANDS:
                steps = request(f"{service}/step-{band}.json")["StepScalingPolicyConfiguration"]["StepAdjustments"]
                self.assertLessEqual(len(steps), 20)  # a quota
                self.assertEqual(steps[0]["MetricIntervalLowerBound"], 0)
                self.assertEqual([s.get("MetricIntervalUpperBound") for s in steps],
                                 [s["MetricIntervalLowerBound"] for s in steps[1:]] + [None])


class StackTest(unittest.TestCase):
    def test_cloudformation_takes_it(self):
        lint = os.path.join(os.path.dirname(PYTHON), "cfn-lint")
        ran = subprocess.run([lint, os.path.join(ECS, "chatscale.cfn.yaml")], capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def test_it_says_what_the_requests_say(self):
        resources = yaml.safe_load(read(ECS, "chatscale.cfn.yaml"))["Resources"]
        single = request("metrics-task-definition.json")["containerDefinitions"][0]
        container = resources["Task"]["Properties"]["ContainerDefinitions"][0]
        self.assertEqual({entry["Name"] for entry in container["Environment"]}, set(environment_of(single)))
        self.assertEqual(container["HealthCheck"]["Command"], single["healthCheck"]["command"])
        for role, name in [("TaskRole", "task"), ("ExecutionRole", "execution")]:
            stated = resources[role]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
            wanted = request(f"iam/{name}-policy.json")["Statement"]
            self.assertEqual([s["Action"] for s in stated], [s["Action"] for s in wanted])
        for service in SERVICES:
            for band in BANDS:
                name = service.title() + "{}" + str(band)
                policy = resources[name.format("Step")]["Properties"]["StepScalingPolicyConfiguration"]
                self.assertEqual(policy, request(f"{service}/step-{band}.json")["StepScalingPolicyConfiguration"])
                alarm = resources[name.format("Alarm")]["Properties"]
                wanted = request(f"{service}/alarm-{band}.json")
                for field in ["Threshold", "ComparisonOperator", "EvaluationPeriods", "TreatMissingData"]:
                    self.assertEqual(alarm[field], wanted[field])
                self.assertEqual(terms(alarm), terms(wanted))


class EnvironmentTest(unittest.TestCase):
    def test_each_mode_has_a_file_that_works(self):
        self.assertEqual(sorted(os.listdir(ENV)), ["demo", "proxy", "redis"])
        for mode in os.listdir(ENV):
            with self.subTest(mode):
                variables, offered = read_env(os.path.join(ENV, mode, ".env.metrics"))
                self.assertEqual(variables["METRICS_MODE"], mode)
                self.assertLessEqual(set(variables) | offered, set(settings()))
                ran = subprocess.run([PROGRAM, "check"], env=variables, capture_output=True, text=True, check=False)
                self.assertEqual(ran.returncode, 0, ran.stderr)


class MotoTest(unittest.TestCase):
    """Against an AWS of somebody else's making."""

    @classmethod
    def setUpClass(cls):
        port = free_port()
        cls.url = f"http://127.0.0.1:{port}"
        command = [os.path.join(os.path.dirname(PYTHON), "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
        cls.moto = Server(command, cls.url + "/moto-api/data.json")
        cls.addClassCleanup(cls.moto.stop)
        cls.keys = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "secret"}
        # One look recommends nothing: it goes on from the state of one that has been running.
        cls.state = os.path.join(cls.enterClassContext(tempfile.TemporaryDirectory()), "state.json")
        port = free_port()
        environment = {"METRICS_MODE": "demo", "TENANT_ID": "acme", "PROJECT_ID": "assist", "METRICS_STATE_FILE": cls.state,
                       "METRICS_LISTEN_ADDRESS": f"127.0.0.1:{port}"}
        running = Server([PROGRAM], f"http://127.0.0.1:{port}/-/ready", environment)
        running.process.terminate()
        running.process.wait()

    def client(self, service):
        return boto3.client(service, region_name=REGION, endpoint_url=self.url, **self.keys)

    def send(self, path, **more):
        service, operation = REQUESTS[path]
        return getattr(self.client(service), botocore.xform_name(operation))(**request(path), **more)

    def export(self, **variables):
        environment = environment_of(request("metrics-scheduled-task.json")["containerDefinitions"][0])
        environment |= {"METRICS_MODE": "demo", "METRICS_STATE_FILE": self.state, "TENANT_ID": "acme", "PROJECT_ID": "assist", "AWS_ENDPOINT_URL": self.url,
                        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}
        ran = subprocess.run([PROGRAM], env=environment | variables, capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 0, ran.stderr)

    def listed(self, namespace):
        pages = self.client("cloudwatch").get_paginator("list_metrics").paginate(Namespace=namespace)
        return metrics_of([page["Metrics"] for page in pages])

    def test_what_is_put_is_listed_and_read_back(self):
        textfile = os.path.join(self.enterContext(tempfile.TemporaryDirectory()), "chatscale.prom")
        self.export(METRICS_CLOUDWATCH_NAMESPACE="Test/ReadBack", METRICS_TEXTFILE_PATH=textfile)
        scraped = {}
        for name, labels, value in re.findall(r"^(chat_\w+)\{(.*)\} (\S+)$", read(textfile), re.MULTILINE):
            scraped[name, frozenset(re.findall(r'(\w+)="([^"]*)"', labels))] = float(value)
        cloudwatch = self.client("cloudwatch")
        now = datetime.datetime.now(datetime.timezone.utc)
        listed = self.listed("Test/ReadBack")
        self.assertGreater(len(listed), 20)
        self.assertEqual(len(listed), len(set(listed)))
        for namespace, name, dimensions in listed:
            statistics = cloudwatch.get_metric_statistics(
                Namespace=namespace, MetricName=name, Dimensions=[{"Name": k, "Value": v} for k, v in dimensions],
                StartTime=now - datetime.timedelta(minutes=10), EndTime=now + datetime.timedelta(minutes=10),
                Period=3600, Statistics=["Average", "SampleCount"])["Datapoints"]
            self.assertEqual([point["SampleCount"] for point in statistics], [1.0], name)
            self.assertAlmostEqual(statistics[0]["Average"], scraped[name.replace("/", "_"), dimensions], 9, name)

    def test_policies_and_alarms_watch_metrics_that_are_sent(self):
        self.export()
        sent = set(self.listed("KDCube/Metrics"))
        named = [metric for path in REQUESTS for metric in metrics_of(request(path))]
        self.assertEqual(len(named), len(SERVICES) * (len(BANDS) + 1))
        for metric in named:
            self.assertIn(metric, sent)

    def test_aws_takes_it_all(self):
        ecs = self.client("ecs")
        ecs.create_cluster(clusterName="chat")
        iam = self.client("iam")
        for name, trust in ROLES.items():
            iam.create_role(RoleName=f"chatscale-{name}", AssumeRolePolicyDocument=read(ECS, f"iam/{trust}-trust.json"))
            policy = read(ECS, f"iam/{name}-policy.json")
            iam.put_role_policy(RoleName=f"chatscale-{name}", PolicyName=name, PolicyDocument=policy)
        task = self.send("metrics-task-definition.json")["taskDefinition"]
        self.send("metrics-scheduled-task.json")
        for service in SERVICES:
            ecs.create_service(cluster="chat", serviceName=service, taskDefinition=task["taskDefinitionArn"], desiredCount=2)
        self.send("metrics-eventbridge-rule.json")
        self.assertEqual(self.send("metrics-eventbridge-targets.json")["FailedEntryCount"], 0)
        for service in SERVICES:
            self.send(f"{service}/scalable-target.json")
            self.send(f"{service}/target-tracking.json")
            for band in BANDS:
                arn = self.send(f"{service}/step-{band}.json")["PolicyARN"]
                self.send(f"{service}/alarm-{band}.json", AlarmActions=[arn])
        kept = self.client("application-autoscaling").describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
        self.assertEqual({policy["PolicyName"] for policy in kept}, {request(path)["PolicyName"] for path in policies()})
        alarms = self.client("cloudwatch").describe_alarms(AlarmNamePrefix="chatscale-")["MetricAlarms"]
        self.assertEqual(len(alarms), len(SERVICES) * len(BANDS))
        targets = self.client("events").list_targets_by_rule(Rule="chatscale-once")["Targets"]
        self.assertEqual(targets, request("metrics-eventbridge-targets.json")["Targets"])


if __name__ == "__main__":
    if os.path.realpath(sys.prefix) != os.path.dirname(os.path.dirname(os.path.abspath(PYTHON))):
        if not os.path.exists(PYTHON):
            sys.exit(f"no {PYTHON}: ./dev check installs it from PyPI")
        os.execv(PYTHON, [PYTHON, "-B", *sys.argv])
    import datetime
    import tempfile

    import boto3
    import botocore.session
    import botocore.validate

    PROGRAM = sys.argv.pop(1)
    unittest.main()
