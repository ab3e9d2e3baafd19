# SPDX-License-Identifier: GPL-2.0-only
"""What `lab` can do, a module for each command or two.

Each has functions that add a command's options to a parser, and functions that do what
was asked. These return an exit status, see labkit.statuses.
"""
