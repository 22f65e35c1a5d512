#!/usr/bin/env python3
"""Writes the step scaling of both services: the requests in ingress/ and proc/, and their part of chatscale.cfn.yaml.

The recommendation itself is mapped to a count (ExactCapacity): what is observed does not enter, so a deployment that runs two
fleets for a while, or replicas that start slowly, change nothing. CloudWatch repeats the action every minute: it sets the same
count again.

A policy has at most 20 steps. So every band of counts has a policy and an alarm of its own, which is in ALARM while the
recommendation is in its band, and only there. The first two bands have a step for each count, the last one rounds up.
"""

import argparse
import glob
import json
import os
import sys
import textwrap

import yaml

STEPS = 20  # of a policy: a quota of Application Auto Scaling
EXACT_BANDS = 2
SERVICES = ["ingress", "proc"]
MARK = "  # Written by generate.py from here on.\n"
NAMESPACE, TENANT, PROJECT = "KDCube/Metrics", "acme", "assist"


def counts_of(least, most):
    """The counts that the service may be set to: every one at first, then twenty, in equal ratios, up to the maximum."""
    counts = list(range(least, min(most, least + EXACT_BANDS * STEPS - 1) + 1))
    exact = counts[-1]
    coarse = {round(exact * (most / exact) ** (step / STEPS)) for step in range(1, STEPS + 1)}
    return counts + sorted(count for count in coarse | {most} if count > exact)


def bands_of(least, most):
    """[(lowest recommendation, counts)], and the lowest of all is 1: below the minimum there is no other answer than it."""
    counts = counts_of(least, most)
    bands = [counts[i:i + STEPS] for i in range(0, len(counts), STEPS)]
    return [(1 if i == 0 else bands[i - 1][-1] + 1, band) for i, band in enumerate(bands)]


def steps_of(lowest, counts):
    """A recommendation above the count before and up to this one is answered with this one."""
    steps, lower = [], 0
    for count in counts:
        step = {"MetricIntervalLowerBound": lower, "ScalingAdjustment": count}
        lower = count + 1 - lowest
        if count != counts[-1]:
            step["MetricIntervalUpperBound"] = lower
        steps.append(dict(sorted(step.items())))
    return steps


def policy_of(steps):
    # No cooldown: stabilization is chatscale's, and setting a count twice adds nothing.
    return {"AdjustmentType": "ExactCapacity", "MetricAggregationType": "Maximum", "Cooldown": 0, "StepAdjustments": steps}


def alarm_of(service, lowest, highest, last, namespace, tenant, project):
    metric = {"Namespace": namespace, "MetricName": "chat/recommender/desired_replicas", "Dimensions": dimensions_of(service, tenant, project)}
    desired = {"Id": "desired", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Maximum"}, "ReturnData": last}
    only = [] if last else [{"Id": "band", "Label": "desired, within the band", "Expression": f"IF(desired <= {highest}, desired, 0)", "ReturnData": True}]
    return {
        "AlarmDescription": f"chatscale recommends {lowest}{' or more' if last else f' to {highest}'} {service} replicas.",
        "Metrics": [desired, *only],
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "Threshold": lowest,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "missing",
    }


def target_of(resource):
    return {"ServiceNamespace": "ecs", "ResourceId": resource, "ScalableDimension": "ecs:service:DesiredCount"}


def dimensions_of(service, tenant, project):
    return [{"Name": name, "Value": value} for name, value in [("tenant", tenant), ("project", project), ("component", service)]]


def requests_of(service, least, most):
    """{file: request}"""
    target = target_of(f"service/chat/{service}")
    files = {"scalable-target.json": target | {"MinCapacity": least, "MaxCapacity": most}}
    bands = bands_of(least, most)
    for number, (lowest, counts) in enumerate(bands, 1):
        name = f"chatscale-{service}-{number}"
        policy = {"PolicyName": name} | target | {"PolicyType": "StepScaling", "StepScalingPolicyConfiguration": policy_of(steps_of(lowest, counts))}
        alarm = alarm_of(service, lowest, counts[-1], number == len(bands), NAMESPACE, TENANT, PROJECT)
        files[f"step-{number}.json"] = policy
        files[f"alarm-{number}.json"] = {"AlarmName": name} | alarm
    return {f"{service}/{name}": request for name, request in files.items()}


def resources_of(service, least, most):
    """Of CloudFormation."""
    title = service.title()
    resource = {"Fn::Sub": "service/${Cluster}/${%sService}" % title}
    yield f"{title}Target", "AWS::ApplicationAutoScaling::ScalableTarget", target_of(resource) | {"MinCapacity": least, "MaxCapacity": most}
    bands = bands_of(least, most)
    for number, (lowest, counts) in enumerate(bands, 1):
        yield f"{title}Step{number}", "AWS::ApplicationAutoScaling::ScalingPolicy", {
            "PolicyName": f"chatscale-{service}-{number}",
            "PolicyType": "StepScaling",
            "ScalingTargetId": {"Ref": f"{title}Target"},
            "StepScalingPolicyConfiguration": policy_of(steps_of(lowest, counts)),
        }
        alarm = alarm_of(service, lowest, counts[-1], number == len(bands), {"Ref": "Namespace"}, {"Ref": "Tenant"}, {"Ref": "Project"})
        yield f"{title}Alarm{number}", "AWS::CloudWatch::Alarm", alarm | {"AlarmActions": [{"Ref": f"{title}Step{number}"}]}
    yield f"{title}WithoutRecommendation", "AWS::CloudWatch::Alarm", {
        "AlarmDescription": f"chatscale has recommended nothing for {service} for ten minutes. The count stays as it is.",
        "Namespace": {"Ref": "Namespace"},
        "MetricName": "chat/recommender/valid",
        "Dimensions": dimensions_of(service, {"Ref": "Tenant"}, {"Ref": "Project"}),
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 10,
        "Threshold": 1,
        "ComparisonOperator": "LessThanThreshold",
        "TreatMissingData": "breaching",
        "AlarmActions": {"Fn::If": ["Notifies", [{"Ref": "NotifyTopicArn"}], {"Ref": "AWS::NoValue"}]},
    }


def stack_of(template, least, most):
    kept = template[:template.index(MARK) + len(MARK)]
    for service in SERVICES:
        for name, kind, properties in resources_of(service, least, most):
            resource = {name: {"Type": kind, "Properties": properties}}
            # A copy: the same dimensions in two places would become an anchor.
            text = yaml.safe_dump(json.loads(json.dumps(resource)), sort_keys=False, default_flow_style=None, width=150)
            kept += textwrap.indent(text, "  ") + "\n"
    return kept.rstrip("\n") + "\n"


def files_of(template, least, most):
    """{file: text} of everything that is generated."""
    files = {"chatscale.cfn.yaml": stack_of(template, least, most)}
    for service in SERVICES:
        for path, request in requests_of(service, least, most).items():
            files[path] = json.dumps(request, indent=2) + "\n"
    return files


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--min", type=int, default=1, help="min_replicas of the policy (1)")
    parser.add_argument("--max", type=int, default=100, help="max_replicas of the policy (100)")
    options = parser.parse_args()
    if not 1 <= options.min <= options.max:
        sys.exit(f"--min {options.min} --max {options.max}: 1 or more, and the maximum not below the minimum")
    folder = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(folder, "chatscale.cfn.yaml"), encoding="utf-8") as file:
        template = file.read()
    for old in glob.glob(os.path.join(folder, "*", "step-*.json")) + glob.glob(os.path.join(folder, "*", "alarm-*.json")):
        os.remove(old)
    for path, text in files_of(template, options.min, options.max).items():
        with open(os.path.join(folder, path), "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    main()
