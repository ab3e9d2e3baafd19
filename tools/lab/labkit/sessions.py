# SPDX-License-Identifier: GPL-2.0-only
"""Run sessions of `make check`, side by side where the machine allows."""

import concurrent.futures
import fnmatch
import os
import re

from . import beside, doctor, ending, expected, ktap, results, runs, selftests, suites, \
    topology, ui, vm

_RUNNER = "/usr/local/lib/lab/kselftest"
# A virtual machine that dies again and again isn't started for ever
_BOOTS = 6
# Side by side; more were never tried
_MOST = 2
# GiB that the lab needs beside its VMs
_SPARE = 1
# Now and then a processor's timer doesn't fire under emulation, above all on slow
# kernels; a periodic one comes again. A warning is judged like all other reports: one
# that is known must not end the machine
_DEBUG = "nohz=off highres=off panic_on_warn=0"


def select(tests, patterns):
    """Tests that match a pattern, or a program's name; without any, all."""
    if not patterns:
        return tests
    return [t for t in tests
            if any(fnmatch.fnmatch(t, p) or t.endswith(f":{p}")
                   for p in patterns)]


def _arguments(tests, skip, only, cases):
    """Settings by which kselftest's runner hands options on to programs.

    SKIP and CASES: {program: patterns of cases}; ONLY is for all programs and
    counts more than CASES.
    """
    options = {}
    for program in (test.split(":")[1] for test in tests):
        words = [f"-T {case}" for case in skip.get(program, ())] + \
            [f"-t {case}" for case in only or cases.get(program, ())]
        if words:
            name = re.sub("[^a-z0-9_]", "_", program).upper()
            options[f"KSELFTEST_{name}_ARGS"] = " ".join(words)
    return options


def _boot(session, tests, skip, args, out):
    """Boot once and run the tests there."""
    kernel = suites.kernel(session, args.kernel)
    slow = kernel.startswith("debug-")
    runs.run(session["topology"], [_RUNNER, *tests], kernel=kernel,
             output=out, told=out.report, selftests=True,
             cmdline=" ".join([session.get("cmdline", ""), *([_DEBUG] if slow else [])]),
             disks=[("kselftest", selftests.image())],
             settings={"KSFT_MACHINE_SLOW": "yes" if slow else "no",
                       **session.get("settings", {}), **_from_environment(),
                       **args.draw.settings(session),
                       **_arguments(tests, skip, args.case,
                                    session.get("cases", {}))},
             timeout=session["timeout"] * (4 if slow else 1))


def _boot_again(session, tests, skip, args, out):
    """Boot; once more when the kernel didn't come to its first process.

    No driver of ours was loaded then. Emulation of several processors fails sometimes.
    """
    try:
        _boot(session, tests, skip, args, out)
    except vm.RunError as err:
        if err.booted or ending.interrupted():
            raise
        ui.tell(f"{session['name']}: {str(err).splitlines()[0]}; no driver was "
                f"loaded, so once more ({err.artefacts})")
        out.start_over()
        _boot(session, tests, skip, args, out)


def _from_environment():
    """Variables of the tests, such as KAWELA_SEED; they replace a session's."""
    return {name: value for name, value in os.environ.items()
            if name.startswith("KAWELA_") and name != "KAWELA_CACHE"}


def boots(session, tests, args, out):
    """Run the tests; when the VM dies, those that are left in another boot."""
    skip, asked = {}, tests
    for _ in range(_BOOTS):
        try:
            _boot_again(session, tests, skip, args, out)
            break
        except ui.LabError as err:
            if ending.interrupted():
                return
            tests, skip = out.died(tests, session["name"], err)
        if not tests:
            break
    out.complete(asked, may_be_empty=bool(args.case))


def _boot_session(session, args, out):
    tests = select(session["tests"], args.test)
    if tests:
        out.judge = expected.judge(session,
                                   suites.kernel(session, args.kernel))
        boots(session, tests, args, out)
        out.judge = results.accept


def _program_session(session, args, out):
    """Lint, and the lab's own tests."""
    name = session["kind"]
    out.judge = expected.judge({}, args.kernel)
    program = beside.Program(name, idle=name == "lint")
    with ending.ended_when_interrupted(program.end):
        for title, result, text in program.results():
            if ending.interrupted():
                return
            out.store(f"{result}: {title}" + (f"\n{text}" if text else ""))
            out.add(ktap.Case(name, title, result, text))
    if not out.cases:
        out.add(ktap.Case(name, "", "fail", "nothing was reported"))


_RUN = {"boot": _boot_session, "lint": _program_session,
        "lab": _program_session}


def at_a_time(sessions):
    """How many sessions this machine has cores and memory for, side by side."""
    needs = [topology.load(s["topology"]).memory / 1024
             for s in sessions if s["kind"] == "boot"]
    if len(needs) < 2:
        return 1
    room = (doctor.memory_gib() - _SPARE) // max(needs)
    return max(1, min(_MOST, os.cpu_count(), int(room)))


def _run(session, args, out):
    if ending.interrupted():  # its turn came before it was cancelled
        return
    out.begin()
    try:
        _RUN[session["kind"]](session, args, out)
    except ui.LabError as err:
        out.add(ktap.Case(session["name"], "", "fail", str(err)))


def run(sessions, args, open_results):
    """Run them in their order, as many at a time as fit, and lint beside them.

    OPEN_RESULTS(session): where the results of a session go. When somebody
    interrupts, all that runs is ended, and KeyboardInterrupt follows.
    """
    if args.test:
        sessions = [s for s in sessions if s["kind"] == "boot"]
    jobs = args.jobs or at_a_time(sessions)
    with concurrent.futures.ThreadPoolExecutor(1) as idle, \
         concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        futures = []
        try:
            for session, out in [(s, open_results(s)) for s in sessions]:
                place = idle if session["kind"] == "lint" else pool
                futures.append(place.submit(_run, session, args, out))
            for future in futures:
                future.result()
        except BaseException:
            ending.interrupt()
            for future in futures:
                future.cancel()
            raise
