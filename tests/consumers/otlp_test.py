#!/usr/bin/env python3
"""What is sent over OTLP, decoded by the protocol's own definitions and compared with what a scrape would say.

Arguments: the program.
"""

import gzip
import http.server
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from shipped import ROOT

PYTHON = os.path.join(ROOT, "build", "python", "bin", "python")
# Refuses unknown keys, wrong types and enumerators that are none.
DECODER = """
import json, sys
from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
request = json_format.Parse(sys.stdin.read(), metrics_service_pb2.ExportMetricsServiceRequest())
points = []
for resource in request.resource_metrics:
    service = {a.key: a.value.string_value for a in resource.resource.attributes}
    for metric in resource.scope_metrics[0].metrics:
        kind = metric.WhichOneof("data")
        for point in getattr(metric, kind).data_points:
            points.append({"name": metric.name, "unit": metric.unit, "kind": kind, "service": service,
                           "temporality": getattr(metric, kind).aggregation_temporality if kind == "sum" else None,
                           "labels": {a.key: a.value.string_value for a in point.attributes},
                           "at": point.time_unix_nano, "start": point.start_time_unix_nano, "value": point.as_double})
print(json.dumps(points))
"""


class Collector(http.server.BaseHTTPRequestHandler):
    bodies = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.path == "/v1/metrics" and self.headers["Content-Type"] == "application/json"
        Collector.bodies.append(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


def scraped(text):
    """{(name, labels): (value, kind)} of Prometheus' text format."""
    kinds, samples = {}, {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            kinds[name] = kind
        elif not line.startswith("#"):
            series, value = line.rsplit(" ", 1)
            name, _, labels = series.partition("{")
            pairs = re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels)
            samples[name, frozenset(pairs)] = (float(value), kinds.get(name))
    return samples


class OtlpTest(unittest.TestCase):
    def test_it_says_what_a_scrape_says(self):
        self.assertTrue(os.path.exists(PYTHON), f"no {PYTHON}: ./dev check installs it from PyPI")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with tempfile.TemporaryDirectory() as folder:
            textfile = os.path.join(folder, "chatscale.prom")
            begun = time.time()
            subprocess.run([PROGRAM], check=True, env={
                "METRICS_MODE": "demo", "METRICS_RUN_ONCE": "1", "METRICS_TEXTFILE_PATH": textfile,
                "METRICS_EXPORT_OTLP": "1", "METRICS_OTLP_ENDPOINT": f"http://127.0.0.1:{server.server_port}",
                "METRICS_OTLP_RESOURCE_ATTRIBUTES_JSON": '{"deployment.environment": "test"}'})
            with open(textfile, encoding="utf-8") as file:
                expected = scraped(file.read())
        server.shutdown()
        server.server_close()
        self.assertEqual(len(Collector.bodies), 1)
        decoded = subprocess.run([PYTHON, "-c", DECODER], input=Collector.bodies[0], capture_output=True, check=False)
        self.assertEqual(decoded.returncode, 0, decoded.stderr.decode())
        points = json.loads(decoded.stdout)
        units = {"_seconds": "s", "_bytes": "By", "_ratio": "1"}
        seen = set()
        for point in points:
            key = point["name"].replace(".", "_"), frozenset(point["labels"].items())
            self.assertNotIn(key, seen)
            seen.add(key)
            self.assertEqual(point["service"]["service.name"], "chatscale")
            self.assertEqual(point["service"]["deployment.environment"], "test")
            self.assertTrue(begun - 1 < point["at"] / 1e9 < time.time() + 1, point)
            for suffix, unit in units.items():
                if point["name"].endswith(suffix):
                    self.assertEqual(point["unit"], unit, point)
            if point["name"].startswith("process."):
                continue  # in no textfile
            value, kind = expected[key]
            self.assertEqual({"gauge": "gauge", "sum": "counter"}[point["kind"]], kind, point)
            if kind == "counter":
                self.assertEqual(point["temporality"], 2)
                self.assertLess(point["start"], point["at"])
            if "duration" not in point["name"] and "age" not in point["name"]:  # read a moment later
                self.assertEqual(point["value"], value, point)
        missing = {name for (name, labels), (_, kind) in expected.items()
                   if (name, labels) not in seen and kind in ("gauge", "counter")}
        # Of the sinks each tells what it knew when it was its turn.
        self.assertEqual({name for name in missing if not name.startswith("chat_exporter_sink_")}, set())
        self.assertGreater(len(seen), 200)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
