# SPDX-License-Identifier: GPL-2.0-only
"""The lab's front door: commands, their options, and how they end."""

import argparse
import dataclasses
import os
import signal
import sys
from collections.abc import Callable

from . import cache, completion, doctor, manual, statuses, topology, ui
from .commands import check, coverage, demo, figures, lint, mutants, run

DESCRIPTION = "Virtual machines with an emulated 82576, for kawela's demo and tests."


@dataclasses.dataclass(frozen=True)
class Command:
    """What stands behind a verb."""

    help: str
    main: Callable
    options: Callable = lambda parser: None
    usage: str | None = None


def _list(_args):
    for name in topology.names():
        print(f"{name:12} {topology.load(name).description}")
    return statuses.OK


def _doctor(_args):
    return doctor.report()


def _clean(_args):
    cache.clean()
    return statuses.OK


def _completion(_args):
    print(completion.script(parser()), end="")
    return statuses.OK


def _man(_args):
    print(manual.page(parser()), end="")
    return statuses.OK


COMMANDS = {
    "run": Command("run a command in a host VM", run.run, run.run_options, run.USAGE),
    "shell": Command("a prompt in a host VM", run.shell, run.shell_options),
    "attach": Command("a prompt in a host VM that `lab run --keep` left running",
                      run.join, run.attach_options),
    "demo": Command("the whole way once: PF, VFs, a nested guest VM, traffic, and back",
                    demo.main, demo.options),
    "check": Command("tests, lint and the lab's own tests", check.main,
                     check.options),
    "figures": Command("what the drivers' work takes, beside the kernel's own drivers",
                       figures.main, figures.options),
    "coverage": Command("what the unit tests reach of the drivers' files",
                        coverage.main, coverage.options),
    "mutants": Command("small faults in the drivers, and which of them tests see",
                       mutants.main, mutants.options),
    "lint": Command("everything that can be said of the code without running it",
                    lint.main, lint.options),
    "list": Command("list topologies", _list),
    "doctor": Command("say what this machine can do, and what it lacks", _doctor),
    "clean": Command("remove images, kernels and old runs", _clean),
    "completion": Command("print what completes these commands in bash", _completion),
    "man": Command("print this as a manual page", _man),
}


def _fill(own, command):
    command.options(own)
    own.set_defaults(main=command.main)


def parser():
    """That of `lab`, with all commands."""
    top = argparse.ArgumentParser(prog="lab", description=DESCRIPTION)
    sub = top.add_subparsers(required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        _fill(sub.add_parser(name, help=command.help, usage=command.usage,
                             description=command.help[0].upper() + command.help[1:] + "."),
              command)
    return top


def _parser_of(name):
    """That of a program which is one command."""
    own = argparse.ArgumentParser(prog=name, description=COMMANDS[name].help)
    _fill(own, COMMANDS[name])
    return own


def _joined(argv):
    """A value of --qemu-arg may begin with "-"."""
    argv = iter(argv)
    return [f"{arg}={value}" if arg == "--qemu-arg" and (value := next(argv, None))
            is not None else arg for arg in argv]


def _parse(own, argv):
    split = argv.index("--") if "--" in argv else len(argv)
    args, rest = own.parse_known_args(_joined(argv[:split]))
    if rest and args.main is run.run and not rest[0].startswith("-"):
        own.error(f"the command goes after --: lab run {args.topology} -- "
                  f"{' '.join(rest)}")
    if rest:
        own.error(f"unrecognized arguments: {' '.join(rest)}")
    args.command = argv[split + 1:]
    if args.command and args.main is not run.run:
        own.error("only `lab run` takes a command after --")
    return args


def _carry_out(args):
    if getattr(args, "quiet", False):
        os.environ["LAB_QUIET"] = "1"
    try:
        status = args.main(args)
        sys.stdout.flush()
        return status
    except OSError as err:
        if not cache.is_full(err):
            raise
        raise ui.LabError(cache.full_text()) from err


def _on_sigterm(*_):
    raise KeyboardInterrupt


def main(name=None):
    """Entry point: of `lab`, or of a program that is the command NAME."""
    signal.signal(signal.SIGTERM, _on_sigterm)
    own = _parser_of(name) if name else parser()
    try:
        return _carry_out(_parse(own, sys.argv[1:]))
    except ui.LabError as err:
        print(ui.fail_text(err), file=sys.stderr)
        return err.status
    except KeyboardInterrupt:
        print("lab: interrupted", file=sys.stderr)
        return statuses.INTERRUPTED
    except BrokenPipeError:
        # Who read has had enough; nor is there anybody for what Python flushes
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return statuses.CLOSED
