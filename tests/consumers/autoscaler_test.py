#!/usr/bin/env python3
"""What KEDA and Prometheus Adapter ask for, asked of a real Prometheus that scrapes real chatscales."""

import json
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

from manifests import SERVICES, adapter_query, adapter_series, keda_query, trigger
from programs import Server, ask, free_port, prometheus

POLLS_PER_SECOND = 5


class AutoscalerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.addresses = [f"127.0.0.1:{free_port()}" for _ in range(3)]
        # The second is started by the test; the third watches somebody else.
        cls.start(0, "acme")
        cls.start(2, "globex")
        config = {
            "global": {"scrape_interval": "1s"},
            "scrape_configs": [
                {"job_name": "chatscale", "static_configs": [{"targets": cls.addresses}]}
            ],
        }
        cls.prometheus = prometheus(cls, config, cls.folder.name)

    @classmethod
    def start(cls, index, tenant):
        address = cls.addresses[index]
        server = Server(
            [CHATSCALE, "serve"],
            f"http://{address}/-/ready",
            {
                "METRICS_MODE": "demo",
                "METRICS_LISTEN_ADDRESS": address,
                "TENANT_ID": tenant,
                "PROJECT_ID": "assist",
            },
        )
        cls.addClassCleanup(server.stop)
        return server

    def expect_one_series(self, seconds, fewest):
        """Every poll, of both services and both autoscalers, has exactly one series."""
        polls = 0
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for service in SERVICES:
                for query in (keda_query(service), adapter_query(service)):
                    found = ask(self.prometheus, query)
                    self.assertEqual(len(found), 1, query)
                    self.assertGreaterEqual(int(found[0]["value"][1]), 1)
            polls += 1
            time.sleep(1 / POLLS_PER_SECOND)
        self.assertGreaterEqual(polls, fewest)

    def scraped(self):
        return len(ask(self.prometheus, 'chat_recommender_desired_replicas{component="proc"}'))

    def wait_until_scraped(self, processes):
        for _ in range(200):
            if self.scraped() == processes:
                return
            time.sleep(0.1)
        raise AssertionError(f"{self.scraped()} chatscales are scraped, not {processes}")

    def test_one_series_with_one_and_two_over_a_restart_and_beside_another_tenant(self):
        self.wait_until_scraped(2)
        self.expect_one_series(seconds=2, fewest=5)
        # Several series without the aggregation, or this shows nothing.
        self.assertEqual(len(ask(self.prometheus, adapter_series())), 8)

        second = self.start(1, "acme")
        self.wait_until_scraped(3)
        self.expect_one_series(seconds=2, fewest=5)

        second.stop()
        self.wait_until_scraped(2)
        self.expect_one_series(seconds=2, fewest=5)
        self.start(1, "acme")
        self.expect_one_series(seconds=3, fewest=5)

    def test_the_direct_scaler_finds_a_number(self):
        for service in SERVICES:
            metadata = trigger("keda-direct", service)["metadata"]
            path = urllib.parse.urlparse(metadata["url"]).path
            with urllib.request.urlopen(f"http://{self.addresses[0]}{path}") as answer:
                value = json.load(answer)[metadata["valueLocation"]]
            self.assertIsInstance(value, int)
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"http://{self.addresses[2]}{path}")
        self.assertEqual(refused.exception.code, 400, "of another tenant's chatscale")
        refused.exception.close()


if __name__ == "__main__":
    CHATSCALE = sys.argv.pop(1)
    unittest.main()
