#!/usr/bin/env python3
"""docker-compose.yml and Dockerfile, as far as they go without a container engine.

docker-compose judges the file and fills in its variables; what the image would hold is installed into
a folder, and started from there as the image and the compose file say.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import unittest
import urllib.request

import yaml
from programs import Server, free_port, program
from shipped import DASHBOARD_NAMES, RECOMMENDER_RULES, ROOT, RULE_FILES, read, settings

MODES = {
    "demo": {},
    "redis": {"METRICS_MODE": "redis"},
    "proxy": {
        "METRICS_MODE": "proxy",
        "METRICS_INGRESS_BASE_URL": "http://host.docker.internal:8010",
        "METRICS_PROC_BASE_URL": "http://host.docker.internal:8020",
    },
}
PROMETHEUS = os.path.join("deploy", "compose", "prometheus.yml")


def compose(**variables):
    """The file as docker-compose understands it."""
    command = [program("docker-compose", "docker-compose"), "-f", os.path.join(ROOT, "docker-compose.yml")]
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    ran = subprocess.run(
        [*command, "config"], env=clean | variables, capture_output=True, text=True, check=False
    )
    if ran.returncode != 0:
        raise AssertionError(ran.stdout + ran.stderr)
    file = yaml.safe_load(ran.stdout)
    # Version 2 writes volumes and ports out in long.
    for service in file["services"].values():
        for name, short in (("volumes", short_volume), ("ports", short_port)):
            if name in service:
                service[name] = [one if isinstance(one, str) else short(one) for one in service[name]]
    return file


def short_volume(volume):
    return f"{volume['source']}:{volume['target']}:{'ro' if volume.get('read_only') else 'rw'}"


def short_port(port):
    return f"{port['host_ip']}:{port['published']}:{port['target']}/{port['protocol']}"


def instructions(name):
    """What follows `name` in the Dockerfile, of its last stage."""
    lines = re.sub(r"\\\n", " ", read("Dockerfile")).split("\nFROM ")[-1].split("\n")
    return [line.split(" ", 1)[1] for line in lines if line.startswith(name + " ")]


def in_container_port(service):
    return int(re.search(r":(\d+)/tcp$", service["ports"][0])[1])


def mounted(service, path):
    """The file of this repository that a service sees at `path`."""
    for volume in sorted(service["volumes"], key=len, reverse=True):
        source, target, _ = volume.rsplit(":", 2)
        if source.startswith("/") and (path + "/").startswith(target + "/"):
            return source + path[len(target) :]
    raise AssertionError(f"nothing is mounted at {path}")


class ComposeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.file = compose()
        cls.services = cls.file["services"]

    def test_each_mode_is_one_variable_and_valid(self):
        for mode, variables in MODES.items():
            with self.subTest(mode):
                environment = compose(**variables)["services"]["chatscale"]["environment"]
                self.assertEqual(environment["METRICS_MODE"], mode)
                self.assertLessEqual(set(environment), set(settings()), "settings in the README")
                ran = subprocess.run(
                    [PROGRAM, "check"], env=environment, capture_output=True, text=True, check=False
                )
                self.assertEqual(ran.returncode, 0, ran.stderr)
                self.assertNotIn("unknown", ran.stdout + ran.stderr)

    def test_nothing_has_more_rights_than_it_uses(self):
        self.assertTrue(self.services["chatscale"]["read_only"])
        for name, service in self.services.items():
            with self.subTest(name):
                self.assertEqual(service["cap_drop"], ["ALL"])
                self.assertIn("no-new-privileges:true", service["security_opt"])
                self.assertFalse(service.get("privileged"))
                for port in service.get("ports", []):
                    self.assertTrue(port.startswith("127.0.0.1:"), port)
                if name != "chatscale":
                    self.assertRegex(service["image"], r":v?\d+\.\d+")

    def test_files_that_are_mounted_exist(self):
        for service in self.services.values():
            for volume in service.get("volumes", []):
                source = volume.split(":")[0]
                if source.startswith("/"):
                    self.assertTrue(os.path.exists(source), source)
                else:
                    self.assertIn(source, self.file["volumes"])

    def test_prometheus_finds_everything(self):
        config = yaml.safe_load(read(PROMETHEUS))
        service = self.services["prometheus"]
        self.assertEqual(mounted(service, "/etc/prometheus/prometheus.yml"), os.path.join(ROOT, PROMETHEUS))
        self.assertEqual(sorted(mounted(service, path) for path in config["rule_files"]), sorted(RULE_FILES))
        targets = [
            target
            for job in [*config["scrape_configs"], *config["alerting"]["alertmanagers"]]
            for static in job["static_configs"]
            for target in static["targets"]
        ]
        for target in targets:
            host, port = target.split(":")
            host = "prometheus" if host == "localhost" else host
            self.assertEqual(int(port), in_container_port(self.services[host]), target)
        self.assertIn("chatscale", [job["job_name"] for job in config["scrape_configs"]])

    def test_promtool_takes_its_configuration(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "prometheus.yml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(read(PROMETHEUS).replace("/etc/prometheus/rules", os.path.join(ROOT, "rules")))
            ran = subprocess.run(
                [program("promtool", "prometheus"), "check", "config", path],
                capture_output=True,
                text=True,
                check=False,
            )
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def test_grafana_finds_everything(self):
        service = self.services["grafana"]
        provisioning = "/etc/grafana/provisioning"
        with open(mounted(service, provisioning + "/datasources/chatscale.yml"), encoding="utf-8") as file:
            url = yaml.safe_load(file)["datasources"][0]["url"]
        self.assertEqual(url, f"http://prometheus:{in_container_port(self.services['prometheus'])}")
        with open(mounted(service, provisioning + "/dashboards/chatscale.yml"), encoding="utf-8") as file:
            folder = yaml.safe_load(file)["providers"][0]["options"]["path"]
        for name in DASHBOARD_NAMES:
            self.assertTrue(os.path.exists(mounted(service, f"{folder}/{name}.json")))
        home = service["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
        self.assertTrue(os.path.exists(mounted(service, home)))


class ImageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.prefix = os.path.join(folder.name, "usr", "local")
        subprocess.run(
            ["cmake", "--install", BUILD, "--prefix", cls.prefix],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        cls.data = os.path.join(folder.name, "data")
        os.mkdir(cls.data)

    def command(self, name):
        """An instruction of the Dockerfile, with the program that was installed."""
        command = json.loads(re.sub(r"^.*?(CMD )?(?=\[)", "", instructions(name)[0]))
        return [os.path.join(self.prefix, "bin", part) if part == "chatscale" else part for part in command]

    def test_starts_from_the_environment_of_the_compose_file(self):
        service = compose()["services"]["chatscale"]
        volume = service["volumes"][0].split(":")[1]
        environment = {k: v.replace(volume, self.data) for k, v in service["environment"].items()}
        address = f"127.0.0.1:{free_port()}"
        environment["METRICS_LISTEN_ADDRESS"] = address
        health = [self.command("HEALTHCHECK"), environment]
        self.assertEqual(self.run_to_end(*health).returncode, 1, "nothing runs yet")

        command = self.command("ENTRYPOINT") + self.command("CMD")
        server = Server(command, f"http://{address}/-/ready", environment)
        self.addCleanup(server.stop)
        self.assertEqual(self.run_to_end(*health).stderr, "")
        with urllib.request.urlopen(f"http://{address}/metrics") as answer:
            self.assertRegex(answer.readline().decode(), "^# HELP chat_")
        server.process.terminate()
        self.assertEqual(server.process.wait(timeout=20), 0)
        self.assertIn("state.json", os.listdir(self.data))
        refused = self.run_to_end(*health)
        self.assertEqual(refused.returncode, 1)
        self.assertIn(address, refused.stderr)

    @staticmethod
    def run_to_end(command, environment):
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def test_holds_the_policies_that_the_compose_file_names(self):
        named = re.findall(r"/usr/local(/share/\S+)", read("docker-compose.yml"))
        self.assertTrue(named)
        for path in named:
            environment = {"METRICS_MODE": "demo", "METRICS_POLICY_FILE": self.prefix + path}
            ran = self.run_to_end([self.command("ENTRYPOINT")[0], "check"], environment)
            self.assertEqual(ran.returncode, 0, ran.stderr)

    def test_holds_the_rules_and_dashboards(self):
        share = os.path.join(self.prefix, "share", "chatscale")
        for path in [*RULE_FILES, RECOMMENDER_RULES]:
            self.assertTrue(os.path.exists(os.path.join(share, "rules", os.path.basename(path))))
        self.assertEqual(
            sorted(os.listdir(os.path.join(share, "dashboards"))), sorted(n + ".json" for n in DASHBOARD_NAMES)
        )

    def test_installs_the_libraries_that_the_program_needs_and_no_others(self):
        base = re.search(r"FROM debian:(\w+)", read("Dockerfile"))[1]
        with open("/etc/os-release", encoding="utf-8") as file:
            if f"VERSION_CODENAME={base}\n" not in file.read():
                self.skipTest(f"what the program needs is called otherwise here than in {base}")
        ldd = subprocess.run(["ldd", PROGRAM], capture_output=True, text=True, check=True).stdout
        paths = dict(re.findall(r"(\S+) => (/\S+)", ldd))
        readelf = subprocess.run(["readelf", "-d", PROGRAM], capture_output=True, text=True, check=True)
        direct = re.findall(r"NEEDED.*\[([^]]+)\]", readelf.stdout)
        # By name and last folder: dpkg knows some by their path before /lib and /usr/lib were one.
        real = [os.path.realpath(paths[name]) for name in direct if name in paths]
        files = ["*/" + os.path.join(os.path.basename(os.path.dirname(p)), os.path.basename(p)) for p in real]
        found = subprocess.run(["dpkg", "-S", *files], capture_output=True, text=True, check=True).stdout
        needed = {line.split(":")[0] for line in found.splitlines()}
        # Of every Debian, and of the sanitizers; what spdlog needs of fmt may be inlined.
        needed -= {"libc6", "libgcc-s1", "libasan8", "libubsan1", "libtsan2"}
        needed |= {"libfmt9"}
        packages = re.search(r"--no-install-recommends (.*?)&&", instructions("RUN")[0])[1]
        self.assertEqual(set(shlex.split(packages)) - {"ca-certificates"}, needed)

    def test_runs_as_nobody_on_the_port_that_is_published(self):
        user = instructions("USER")[0]
        self.assertRegex(user, r"^[1-9]\d+:[1-9]\d+$")
        self.assertIn(f"-o {user.split(':')[0]} ", " ".join(instructions("RUN")))
        port = int(instructions("EXPOSE")[0])
        self.assertEqual(port, in_container_port(compose()["services"]["chatscale"]))
        self.assertEqual(settings()["METRICS_PORT"], str(port))


if __name__ == "__main__":
    PROGRAM, BUILD = sys.argv.pop(1), sys.argv.pop(1)
    unittest.main()
