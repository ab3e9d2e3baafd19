#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Install what `make demo` and `make check` need on this machine: Python,
# mmdebstrap and xz, and for other users than root the helper that user namespaces need.
# Everything else (QEMU, compilers, kernels) goes into the lab's own images.

set -eu

missing=
need()
{
	command -v "$1" > /dev/null 2>&1 || missing="$missing $2"
}

need python3 python3
need mmdebstrap mmdebstrap
need unshare util-linux
need xz xz-utils
if [ "$(id -u)" != 0 ]; then
	need newuidmap uidmap
fi
if command -v python3 > /dev/null 2>&1 &&
	! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
	echo "setup: python3 is $(python3 --version | cut -d' ' -f2); the lab needs 3.11 (Debian 12) or later" >&2
	exit 1
fi
[ -n "$missing" ] || exit 0

if ! command -v apt-get > /dev/null 2>&1; then
	echo "setup: missing:$missing. This is not Debian: install them by hand." >&2
	exit 1
fi
sudo=
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo > /dev/null 2>&1; then
		echo "setup: missing:$missing. Installing packages needs root: run \`apt-get install$missing\` as root once." >&2
		exit 1
	fi
	sudo=sudo
	echo "setup: sudo is used once, to install:$missing" >&2
fi
echo "setup: installing$missing" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086 # a list of packages
if ! { $sudo apt-get -qq update && $sudo env DEBIAN_FRONTEND=noninteractive \
	apt-get -qq install --no-install-recommends -y $missing; } \
	> "$log" 2>&1; then
	tail -n 5 "$log" >&2
	echo "setup: installing$missing failed; is there a network?" >&2
	exit 1
fi
