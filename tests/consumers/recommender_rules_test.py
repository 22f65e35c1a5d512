#!/usr/bin/env python3
"""rules/recommender.yml beside chatscale's own recommendation, on the same recordings.

docs/promql-recommender.md says where they may differ, and why.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

import yaml
from programs import program
from shipped import RECOMMENDER_RULES, ROOT, read, rules

ADVICE = "tenant_project_component:chat_policy_desired_replicas:advice"
SCENARIOS = os.path.join(ROOT, "tests", "fixtures", "scenarios")
TICK = 15  # seconds
MORNING = 1767600000

# What chatscale_play is told: simulated days that are followed ...
DAYS = {
    "a day with room": ["demo", "36000", "1", f"{MORNING}", "1000"],
    "another": ["demo", "28800", "2", f"{MORNING}", "1000"],
    "a database that is short of connections": ["demo", "14400", "1", f"{MORNING}", "100"],
    "input lost for ten minutes": ["demo", "21600", "4", f"{MORNING + 7 * 3600}", "1000", "6000", "6700"],
    "input lost for two minutes": ["demo", "10800", "1", f"{MORNING}", "1000", "9000", "9120"],
}
# ... and recorded states that stay as they are for a while.
RECORDED = ["cold", "idle", "large_small", "queue_pressure", "sse_saturated", "stale", "steady", "throttled"]
# Replicas, share of the time, and seconds at a stretch.
FURTHEST, AGREED, LONGEST = 2, 0.95, 20 * 60


def recording(play, arguments):
    return json.loads(subprocess.run([play, *arguments], check=True, capture_output=True).stdout)


def series(values):
    """In promtool's notation: what ends is stale, as a scrape would have it."""
    written, known = [], False
    for value in values:
        written.append(repr(value) if value is not None else "stale" if known else "_")
        known = value is not None
    return " ".join(written)


def play_rules(recorded, questions):
    """What the rules answer to (seconds, expression); promtool only tells what it did not expect."""
    named = set(re.findall(r"(?<![:\w])chat_\w+", read("rules", "recommender.yml")))
    test = {
        "interval": f"{TICK}s",
        "input_series": [
            {"series": name, "values": series(values)}
            for name, values in recorded.items()
            if name.split("{")[0] in named
        ],
        "promql_expr_test": [
            {
                "expr": expression,
                "eval_time": f"{seconds}s",
                "exp_samples": [{"labels": "unexpected", "value": -1}],
            }
            for seconds, expression in questions
        ],
    }
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "play.test.yml")
        with open(file, "w", encoding="utf-8") as out:
            yaml.safe_dump({"rule_files": [RECOMMENDER_RULES], "evaluation_interval": f"{TICK}s", "tests": [test]}, out)
        command = [program("promtool", "prometheus"), "test", "rules", file]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    got = re.findall(r"\n\s+got:(.*)", ran.stdout + ran.stderr)
    if len(got) != len(questions):
        raise AssertionError(ran.stdout + ran.stderr)
    return got


def answers(recorded):
    """component -> what the rules recommend at each tick."""
    ticks = len(next(iter(recorded.values())))
    got = play_rules(recorded, [(tick * TICK, ADVICE) for tick in range(ticks)])
    return {component: [recommended(component, line) for line in got] for component in ["ingress", "proc"]}


def recommended(component, line):
    found = re.search(rf'component="{component}"[^}}]*}} (\S+?)(?:,|$)', line)
    return float(found[1]) if found else None


def own(recorded, component):
    name = f'chat_recommender_desired_replicas{{tenant="demo",project="demo",component="{component}"}}'
    return recorded.get(name, [None] * len(next(iter(recorded.values()))))


def stretches(values):
    """Lengths of the runs of true."""
    return [len(run) for run in "".join("x" if value else " " for value in values).split()]


class RecommenderRulesTest(unittest.TestCase):
    play = None
    maxDiff = None

    def test_every_record_has_data(self):
        recorded = recording(self.play, ["demo", "14400", "1", f"{MORNING}", "1000"])
        everything = 'count by (__name__) (last_over_time({__name__=~".+:chat_policy_.+"}[4h]))'
        [line] = play_rules(recorded, [(14400 - TICK, everything)])
        expected = {rule["record"] for rule in rules([RECOMMENDER_RULES])}
        self.assertEqual(set(re.findall(r'"(.+?)"', line)), expected)

    def test_days_are_decided_alike(self):
        for name, arguments in DAYS.items():
            recorded = recording(self.play, arguments)
            given = answers(recorded)
            for component in ["ingress", "proc"]:
                with self.subTest(f"{name}: {component}"):
                    ours, theirs = own(recorded, component), given[component]
                    self.assertGreater(len(set(ours)), 1, "nothing was decided")
                    self.assertEqual([x is None for x in ours], [x is None for x in theirs])
                    apart = [abs((x or 0) - (y or 0)) for x, y in zip(ours, theirs)]
                    self.assertLessEqual(max(apart), FURTHEST)
                    self.assertGreaterEqual(apart.count(0) / len(apart), AGREED)
                    self.assertLessEqual(max(stretches(apart), default=0) * TICK, LONGEST)

    def test_recorded_states_are_decided_alike(self):
        for scenario in RECORDED:
            file = os.path.join(SCENARIOS, scenario, "system.json")
            recorded = recording(self.play, ["document", "1800", file])
            given = answers(recorded)
            for component in ["ingress", "proc"]:
                with self.subTest(f"{scenario}: {component}"):
                    ours, theirs = own(recorded, component), given[component]
                    self.assertEqual(ours, theirs)


if __name__ == "__main__":
    RecommenderRulesTest.play = sys.argv.pop(1)
    unittest.main()
