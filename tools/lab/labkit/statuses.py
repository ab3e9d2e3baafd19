# SPDX-License-Identifier: GPL-2.0-only
"""Exit statuses, the same for all commands. The man page is made from this."""

OK = 0
FAILED = 1
REFUSED = 2
DIED = 125
INTERRUPTED = 130
CLOSED = 141

MEANING = {
    OK: "All went well, and all tests passed.",
    FAILED: "Something was tried and failed: a test, a check of lint, a figure beyond "
            "its limit, a build of the modules; doctor found something missing.",
    REFUSED: "The request was refused, or what it takes could not be had (disk, "
             "network, package). The message names the way out.",
    DIED: "The virtual machine died or hung, or a kernel reported a fault.",
    INTERRUPTED: "Interrupted by Ctrl-C or SIGTERM.",
    CLOSED: "The reader of the output has closed it.",
}
COMMAND = "With `run`, any other status is that of the command in the virtual machine."
