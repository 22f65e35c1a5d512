"""Programs that tests start on free ports of loopback, and always stop."""

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


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
