# SPDX-License-Identifier: GPL-2.0-only
"""Several host VMs of one topology: all are there while the command runs in one."""

import concurrent.futures
import threading

from . import channel


def wires(topo):
    """For each machine's name, pairs (wire, its end of a way to another machine).

    The first machine on a wire is its middle, where the others' frames meet.
    """
    ends = {machine.name: [] for machine in topo.machines}
    for name, (first, *others) in topo.wires().items():
        for other in others:
            here, there = channel.wire()
            ends[first.name].append((name, here))
            ends[other.name].append((name, there))
    return ends


def run(lead, others):
    """Run all until the command has ended in LEAD. When one of the OTHERS is lost, all
    end."""
    waiting, lock = {lead, *others}, threading.Lock()

    def ready(machine):
        with lock:
            waiting.discard(machine)
            if not waiting:
                lead.go()

    def beside(machine):
        try:
            machine.run()
        except BaseException:
            lead.stop()
            raise
        if machine.trouble:
            lead.stop()

    if not others:
        lead.run()
        return
    for machine in (lead, *others):
        machine.on_ready = lambda machine=machine: ready(machine)
    with concurrent.futures.ThreadPoolExecutor(len(others)) as pool:
        futures = [pool.submit(beside, machine) for machine in others]
        try:
            lead.run()
        finally:
            for machine in others:
                if lead.status is None:
                    machine.stop()
                else:
                    machine.go()
        for future in futures:
            future.result()
