# SPDX-License-Identifier: GPL-2.0-only
"""`lab run`, `lab shell` and `lab attach`: commands and prompts in a host VM."""

import json
import sys
import time

from .. import arguments, attach, kernels, runs, statuses, topology
from ..ui import LabError

USAGE = "lab run TOPOLOGY [OPTION...] -- COMMAND [ARG...]"


# Options that replace the topology's keys of those names
_IN_PLACE = ("vfs", "cpus", "memory", "packages", "init", "net")


def _machine_options(parser):
    """What run and shell have in common."""
    parser.add_argument("topology", metavar="TOPOLOGY",
                        help="one that `lab list` names, or a TOML file") \
        .complete = topology.names
    parser.add_argument("--in", dest="within", metavar="MACHINE",
                        help="of a topology with several, the machine that is meant "
                        "(default: the first)")
    parser.add_argument("--share", metavar="DIR", help="make DIR visible as /share") \
        .complete = "directory"
    arguments.kernel(parser, kernels.DEBIAN, kernels.DEFAULT)
    parser.add_argument("--cmdline", default="", metavar="TEXT",
                        help="more for the kernel's command line")
    for name, metavar, text in (("--vfs", "N", "VFs that are created, 0 to 7"),
                                ("--cpus", "N", "virtual CPUs"),
                                ("--memory", "MIB", "memory")):
        parser.add_argument(name, type=arguments.whole, metavar=metavar,
                            help=f"{text}, in place of the topology's")
    parser.add_argument("--packages", type=arguments.name_list, metavar="NAME,...",
                        help="Debian packages on top of the lab's root, in place of the "
                        "topology's")
    parser.add_argument("--init", choices=topology.INITS,
                        help="the first process: the lab's script, or systemd, as users "
                        "have it, with udev, its names, and units of packages")
    parser.add_argument("--net", choices=topology.NETS,
                        help="user: a network outside, through QEMU and this machine")
    parser.add_argument("--qemu-arg", action="append", default=[], metavar="ARG",
                        help="one more argument for QEMU (more than once: in that order)")
    parser.add_argument("--gdb", nargs="?", const=1234, type=arguments.port, metavar="PORT",
                        help="let gdb connect to QEMU at PORT of this machine (default: "
                        "1234); then nothing has a deadline")
    arguments.quiet(parser)


def run_options(parser):
    """Add the options of `lab run`."""
    _machine_options(parser)
    parser.add_argument("--timeout", type=arguments.seconds, default=runs.TIMEOUT,
                        metavar="S", help="seconds that the command may take "
                        "(default: %(default)g)")
    parser.add_argument("--count", action="store_true",
                        help="count instructions and register accesses between "
                        "calls of count-mark, as `lab figures` does")
    parser.add_argument("--keep", action="store_true",
                        help="leave the VM running after the command, until Ctrl-C; "
                        "`lab attach` gives a prompt in it")
    parser.add_argument("--json", action="store_true",
                        help="say at the end how it went, as one JSON object on stdout; "
                        "the command's output goes to stderr")


shell_options = _machine_options


def attach_options(parser):
    """Add the options of `lab attach`."""
    parser.add_argument("run", nargs="?", metavar="RUN",
                        help="which, where several are kept: the name of its artefacts")


def _wishes(args):
    return runs.Wishes(
        overrides={key: getattr(args, key) for key in _IN_PLACE},
        qemu_args=tuple(args.qemu_arg), gdb=args.gdb, keep=getattr(args, "keep", False),
        within=args.within)


def _object(begin, status, artefacts, reports, error=None):
    """What --json says."""
    return json.dumps({"status": status, "seconds": round(time.monotonic() - begin, 1),
                       "artefacts": str(artefacts) if artefacts else None,
                       "reports": list(reports), "error": error}, indent=1)


def _run(args):
    return runs.run(args.topology, args.command, share=args.share, kernel=args.kernel,
                    timeout=args.timeout, cmdline=args.cmdline, counting=args.count,
                    output=sys.stderr if args.json else sys.stdout, wishes=_wishes(args))


def run(args):
    """Run a command. Return: its status."""
    begin = time.monotonic()
    try:
        if not args.command:
            raise LabError(f"no command: {USAGE}")
        ended = _run(args)
    except LabError as err:
        if args.json:
            print(_object(begin, err.status, getattr(err, "artefacts", None),
                          getattr(err, "reports", ()), str(err)))
        raise
    except KeyboardInterrupt:
        if args.json:
            print(_object(begin, statuses.INTERRUPTED, None, (), "interrupted"))
        raise
    if args.json:
        print(_object(begin, ended.status, ended.artefacts, ended.reports))
    return ended.status


def shell(args):
    """A prompt."""
    return runs.shell(args.topology, share=args.share, kernel=args.kernel,
                      cmdline=args.cmdline, wishes=_wishes(args)).status


def join(args):
    """A prompt in a VM that is kept."""
    return attach.attach(args.run)
