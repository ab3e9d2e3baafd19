# SPDX-License-Identifier: GPL-2.0-only
"""What a parser knows of its commands and options, for what is made from it."""

import argparse


def commands(parser):
    """{name: (what it does, its parser)}."""
    # pylint: disable=protected-access # argparse has no other way to ask
    sub = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    helps = {choice.dest: choice.help for choice in sub._choices_actions}
    return {name: (helps[name], own) for name, own in sub.choices.items()}


def of(parser):
    """Options and positional arguments of a command."""
    return parser._actions  # pylint: disable=protected-access


def text(parser, action):
    """An option's help, with its default in place."""
    # pylint: disable-next=protected-access
    return parser._get_formatter()._expand_help(action)


def value(action):
    """What stands for an option's value: "", "N" or "[PORT]"."""
    if action.nargs == 0:
        return ""
    name = action.metavar or ",".join(action.choices or ()) or action.dest.upper()
    return f"[{name}]" if action.nargs == "?" else name


def words(action):
    """How a value is completed: a list of words, "file", "directory" or None."""
    if action.choices:
        return list(action.choices)
    how = getattr(action, "complete", None)
    return how() if callable(how) else how
