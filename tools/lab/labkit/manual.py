# SPDX-License-Identifier: GPL-2.0-only
"""The manual page of `lab`, made from the options that there are."""

from . import options, statuses

_ENVIRONMENT = {
    "KAWELA_CACHE": "Where everything is kept: a directory that is empty or does not exist "
                    "yet. Default: kawela in XDG_CACHE_HOME or ~/.cache.",
    "LAB_QEMU": "Another qemu-system-x86_64 than the lab's own. It needs the igb device "
                "(QEMU 8.0 and later).",
    "LAB_ACCEL": "tcg or kvm. Without it the lab uses KVM if that boots a kernel.",
    "LAB_QUIET": "1: as --quiet.",
    "TMPDIR": "Where images are put together.",
}
_EXAMPLES = {
    "lab run host -- ip -br link": "One command beside the PF driver and two VFs.",
    "lab run host --vfs 7 --memory 4096 -- bash -c 'ethtool -i $NETIF'":
        "The same machine, larger.",
    "lab shell guest --kernel 7.3": "A prompt, with VF 0 in a nested guest VM.",
    "lab run host --init systemd --packages network-manager -- nmcli device":
        "A machine with systemd and one more program of Debian's.",
    "lab check -t sriov.py -c 'c01_*'": "Some cases of one program.",
}


def _escape(text):
    """For troff."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return f"\\&{text}" if text.startswith(".") else text


def _bold(text):
    return f"\\fB{_escape(text)}\\fR"


def _names(action):
    """`-q, --quiet`, or `--vfs N`, or TOPOLOGY."""
    value = options.value(action)
    if not action.option_strings:
        return f"\\fI{_escape(value)}\\fR"
    names = ", ".join(map(_bold, action.option_strings))
    return names + (f" \\fI{_escape(value)}\\fR" if value else "")


def _command(name, what, own):
    # Only `run` says how it is called; argparse knows the other
    usage = " ".join(own.format_usage().removeprefix("usage: ").split())
    lines = [f".SS {_escape(name)}", f"{_bold(usage)}", ".PP",
             _escape(what[0].upper() + what[1:]) + "."]
    for action in options.of(own):
        if "--help" not in action.option_strings:
            lines += [".TP", _names(action), _escape(options.text(own, action))]
    return lines


def _list(title, pairs):
    lines = [f".SH {title}"]
    for name, text in pairs.items():
        lines += [".TP", _bold(str(name)), _escape(text)]
    return lines


def page(parser):
    """The whole of it."""
    lines = ['.TH LAB 1 "" "kawela" "User Commands"', ".SH NAME",
             f"lab \\- {_escape(parser.description[0].lower() + parser.description[1:-1])}",
             ".SH SYNOPSIS", f"{_bold('lab')} \\fICOMMAND\\fR [\\fIOPTION\\fR...]",
             ".SH COMMANDS"]
    for name, (what, own) in options.commands(parser).items():
        lines += _command(name, what, own)
    lines += _list("EXIT STATUS", statuses.MEANING)
    lines += [".PP", _escape(statuses.COMMAND)]
    lines += _list("ENVIRONMENT", _ENVIRONMENT)
    lines += _list("EXAMPLES", _EXAMPLES)
    return "\n".join(lines) + "\n"
