"""Programs that tests start on free ports of loopback, and always stop."""

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import yaml


def program(name, package):
    found = shutil.which(name)
    if found is None:
        raise AssertionError(f"no {name}: install the Debian package {package}")
    return found


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Server:
    """Runs from its construction, which waits until `ready` answers with 200, to stop()."""

    def __init__(self, command, ready, environment=None):
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | (environment or {}),
        )
        for _ in range(300):
            try:
                urllib.request.urlopen(ready, timeout=5).close()
                return
            except (urllib.error.URLError, OSError):
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        self.stop()
        raise AssertionError(f"{command[0]} does not start")

    def stop(self):
        self.process.kill()
        self.process.wait()


def alertmanager(test, config, folder):
    """host:port of an Alertmanager that runs until the class of tests `test` ends."""
    address = f"127.0.0.1:{free_port()}"
    command = [
        program("prometheus-alertmanager", "prometheus-alertmanager"),
        f"--config.file={config}",
        f"--storage.path={folder}/alertmanager",
        f"--web.listen-address={address}",
        "--cluster.listen-address=",
    ]
    test.addClassCleanup(Server(command, f"http://{address}/-/ready").stop)
    return address


def prometheus(test, config, folder):
    """host:port of a Prometheus that runs until the class of tests `test` ends."""
    address = f"127.0.0.1:{free_port()}"
    path = os.path.join(folder, "prometheus.yml")
    with open(path, "w", encoding="utf-8") as file:
        yaml.safe_dump(config, file)
    command = [
        program("prometheus", "prometheus"),
        f"--config.file={path}",
        f"--storage.tsdb.path={folder}/prometheus",
        f"--web.listen-address={address}",
    ]
    test.addClassCleanup(Server(command, f"http://{address}/-/ready").stop)
    return address


def ask(address, expression):
    """The vector that a Prometheus answers with."""
    parameters = urllib.parse.urlencode({"query": expression})
    with urllib.request.urlopen(f"http://{address}/api/v1/query?{parameters}") as answer:
        return json.load(answer)["data"]["result"]
