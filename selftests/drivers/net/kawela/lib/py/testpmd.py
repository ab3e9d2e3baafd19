# SPDX-License-Identifier: GPL-2.0

"""DPDK's testpmd at a prompt, on a device that vfio-pci is bound to."""

import os
import re
import subprocess
import time

_PROMPT = b"testpmd> "


class TestPmd:
    """testpmd that runs until quit() or the end of the case (see defer)."""

    def __init__(self, pci, options="", more="", where="",
                 machine="--no-huge -m 128 -l 0-1"):
        # Lines at once: what it says must come before its prompt
        comm = (f"{where} stdbuf -oL dpdk-testpmd {machine} --no-telemetry "
                f"-a {pci} {options} -- -i --total-num-mbufs=2048 {more}")
        self._proc = subprocess.Popen(comm.split(), stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT)
        os.set_blocking(self._proc.stdout.fileno(), False)
        self.log = ""
        self.started = self._until_prompt(300)

    def _until_prompt(self, seconds):
        # An event may be told behind the prompt
        data, end = b"", time.monotonic() + seconds
        while _PROMPT not in data:
            data += self._proc.stdout.read() or b""
            if self._proc.poll() is not None or time.monotonic() > end:
                raise TimeoutError(f"no prompt of testpmd: {data.decode()}")
            time.sleep(0.02)
        self.log += data.decode()
        return data.decode()

    def ask(self, command, seconds=30):
        """Give a command. Return: what it says, up to the next prompt."""
        self._proc.stdin.write(f"{command}\n".encode())
        self._proc.stdin.flush()
        return self._until_prompt(seconds)

    def port(self, which):
        """A counter of the port, as the device counts."""
        out = self.ask("show port stats 0")
        return int(re.search(rf"{which}: +(\d+)", out).group(1))

    def stop(self):
        """Stop forwarding. Return: frames that it (received, sent)."""
        out = self.ask("stop")
        return tuple(int(re.search(rf"{way}-packets: (\d+)", out).group(1))
                     for way in ("RX", "TX"))

    def kill(self):
        """End it in disorder."""
        self._proc.kill()
        self._proc.wait()

    def quit(self, seconds=30):
        """End it in order. Return: its exit status."""
        if self._proc.poll() is None:
            self._proc.stdin.write(b"quit\n")
            self._proc.stdin.flush()
            os.set_blocking(self._proc.stdout.fileno(), True)
            try:
                self.log += self._proc.communicate(timeout=seconds)[0].decode()
            except subprocess.TimeoutExpired:
                self._proc.kill()
        return self._proc.wait()
