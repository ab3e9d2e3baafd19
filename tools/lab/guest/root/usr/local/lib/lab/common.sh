# SPDX-License-Identifier: GPL-2.0-only
# What host and guest VMs have in common. Sourced.

export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
export LC_ALL=C.UTF-8

set -a
. /run/lab/settings
set +a

# port NAME: the device of a virtio-serial port
port()
{
	local p

	for p in /sys/class/virtio-ports/*; do
		if [[ "$(< "$p/name")" == "lab.$1" ]]; then
			echo "/dev/${p##*/}"
		fi
	done
}

# tell JSON: one event for the lab outside
tell()
{
	if [[ -n "$LAB_STATUS" ]]; then
		printf '%s\n' "$1" > "$LAB_STATUS"
	fi
}

# wait_for SECONDS COMMAND...: until COMMAND succeeds
wait_for()
{
	local end=$((SECONDS + $1))

	shift
	until "$@" 2> /dev/null; do
		((SECONDS < end)) || return 1
		sleep 0.05
	done
}

basics()
{
	echo "${1:-vm}" > /proc/sys/kernel/hostname
	echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
	LAB_STATUS=$(port status)
	send_log
}

# The kernel's log goes to the lab outside; in a host VM, which may sleep, by the relay.
# cat ends when the kernel has overwritten what it was about to read, and then begins
# anew; the lab tells by the numbers.
send_log()
{
	local to

	to=$(port kmsg)
	if [[ "$LAB_ROLE" == host ]]; then
		relay "$to"
	elif [[ -n "$to" ]]; then
		while :; do
			cat /dev/kmsg
		done 2> /dev/null < /dev/null > "$to" &
	fi
}

# relay LOG: from now on, what is said goes to ports
relay()
{
	mkfifo /run/lab/{stdout,stderr,ask,tell}
	/usr/local/lib/lab/relay /run/lab/ask /run/lab/tell "$1=/dev/kmsg" \
		"$(port stdout)=/run/lab/stdout" "$(port stderr)=/run/lab/stderr" &
}

# Until the ports have all that was said
relayed()
{
	local ask tell line

	[[ -p /run/lab/ask ]] || return 0
	exec {ask}<> /run/lab/ask {tell}<> /run/lab/tell
	echo >&"$ask"
	read -rt 120 -u "$tell" line
}

# Two looks, since the first that kmemleak takes at an object says nothing, nor does
# it believe one that is younger than five seconds
leaks()
{
	local file=/sys/kernel/debug/kmemleak

	[[ -e "$file" ]] || return 0
	echo scan > "$file"
	sleep 5
	echo scan > "$file"
	cat "$file" > "$LAB_ARTEFACTS/kmemleak.txt"
}

# netdev_of PCI-ADDRESS: name of the network interface of a device; that of a
# virtio device is one level further down
netdev_of()
{
	local n

	for n in "/sys/bus/pci/devices/$1/"{net,virtio*/net}/*; do
		if [[ -e "$n" ]]; then
			echo "${n##*/}"
		fi
	done
}

has_netdev()
{
	[[ -n "$(netdev_of "$1")" ]]
}

# behind SLOT: address of the first device behind a root port of the first PCI bus
behind()
{
	local d

	for d in "/sys/bus/pci/devices/0000:00:$1.0/"????:??:??.?; do
		[[ -e "$d" ]] && basename "$d" && return
	done
}

# vf_of N: address of a VF of the PF
vf_of()
{
	basename "$(readlink "/sys/bus/pci/devices/$(behind "$LAB_PF_SLOT")/virtfn$1")"
}

# id_of PCI-ADDRESS: VENDOR:DEVICE
id_of()
{
	local dev=/sys/bus/pci/devices/$1 vendor device

	vendor=$(< "$dev/vendor")
	device=$(< "$dev/device")
	echo "${vendor#0x}:${device#0x}"
}

# pci_of VENDOR:DEVICE: addresses of all such devices
pci_of()
{
	local d

	for d in /sys/bus/pci/devices/*; do
		[[ "$(id_of "${d##*/}")" != "$1" ]] || echo "${d##*/}"
	done
}

up_and_running()
{
	[[ "$(< "/sys/class/net/$1/carrier")" == 1 ]]
}

# taint: whether the kernel warned of something
finish()
{
	tell "{\"event\":\"taint\",\"value\":$(< /proc/sys/kernel/tainted)}"
	dmesg > "$LAB_ARTEFACTS/dmesg.txt"
	sync
	relayed
	# From here on the console is all that reaches the lab
	dmesg -n debug
	tell '{"event":"done"}'
	echo o > /proc/sysrq-trigger
	# PID 1 must not end; the power goes off in the meantime
	while :; do
		read -rt 60 < /dev/console
	done
}
