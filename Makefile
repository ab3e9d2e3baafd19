# SPDX-License-Identifier: GPL-2.0-only
# The front door. kbuild reads Kbuild, not this file.

KDIR ?= /lib/modules/$(shell uname -r)/build
KERNEL ?= 6.12
V ?= 0
# The root of another system, and where a package is put together
INSTALL_MOD_PATH ?=
DESTDIR ?=

ROOT = $(DESTDIR)$(INSTALL_MOD_PATH)
RELEASE = $(shell cat $(KDIR)/include/config/kernel.release)
MODULES = $(ROOT)/lib/modules/$(RELEASE)
# kbuild keeps the tree's directories
INSTALLED = updates/drivers/net/ethernet/kawela

# What dkms calls this version, and where it looks for the sources
VERSION = $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' tools/install/dkms.conf)
SOURCES = $(ROOT)/usr/src/kawela-$(VERSION)

KBUILD = $(MAKE) -C $(KDIR) M=$(CURDIR) V=$(V)

help:
	@echo 'See it work, test it (in virtual machines; no 82576 and no KVM needed):'
	@echo '  demo           the whole way once, from loading the driver to traffic'
	@echo '                 through a nested guest VM, narrated'
	@echo '  check          tests, lint and the lab'\''s own tests; the last line says how'
	@echo '                 many passed and failed; of variants one is drawn'
	@echo '  check-all      the same, and nothing is drawn: all variants of each test'
	@echo '  check-debug    the tests of the drivers on a kernel with all checks: hours'
	@echo '  check-races    an hour of resets, removals and changes at random moments, on'
	@echo '                 that kernel; KAWELA_SEED=N repeats what an earlier run did'
	@echo '  check-hostile  half an hour of a guest that obeys nothing; KAWELA_SEED=N repeats'
	@echo '                 what an earlier run did, KAWELA_SECONDS=N says how long'
	@echo '  check-fuzz     unit tests; those with random cases have a million; KAWELA_FUZZ_SEED=N'
	@echo '                 repeats what an earlier run did, KAWELA_FUZZ_CASES=N says how many'
	@echo '  check-programs programs that people manage VFs with, in a machine with systemd'
	@echo '  check-lend     a million messages of a hostile borrower against kawela-lend'
	@echo '  check-platforms  SR-IOV on machines of all kinds that the lab has, as one table;'
	@echo '                 and on two hosts'
	@echo '  soak           the long run: VFs created and removed 500 times under traffic'
	@echo '  upstream       all of the kernel'\''s own tests, on both kernels'
	@echo '  mutants        small faults in the drivers, and which of them tests see: the'
	@echo '                 unit tests in some minutes, a VM in hours; MUTANTS_ARGS="--stage'
	@echo '                 units", "--seed N" goes on where an earlier run ended'
	@echo '  coverage       what the unit tests reach of the drivers, by file'
	@echo '  figures        what a frame costs, beside the kernel'\''s own drivers: counted,'
	@echo '                 not timed'
	@echo '  lint           layering, sparse, warnings, kernel-doc, scripts'
	@echo '  picture        draw anew which file uses which (needs graphviz)'
	@echo '  doctor         what this machine can do for the lab, and what it lacks'
	@echo '  shell          a prompt in the host VM'
	@echo '  lab.1          the manual page of all that tools/lab/lab can do; completion'
	@echo '                 for bash: source <(tools/lab/lab completion)'
	@echo '  setup          install what these need (each of them does so first)'
	@echo
	@echo 'Build and install for a kernel with headers here (KDIR=$(KDIR)):'
	@echo '  modules        build kawela.ko, kawelavf.ko and libkawela.ko'
	@echo '  install        install them below $(ROOT)/lib/modules/.../updates, for modprobe;'
	@echo '                 uninstall removes them'
	@echo '  install-dkms   let dkms build and install them for every kernel;'
	@echo '                 uninstall-dkms removes them'
	@echo '  lend           kawela-lend and its relay, into tools/lend'
	@echo '  clean          remove what was built here'
	@echo '  clean-cache    remove the lab'\''s images and kernels'
	@echo
	@echo 'Variables: KERNEL=6.12|7.3|debug-6.12|debug-7.3|DIR, KDIR=DIR, INSTALL_MOD_PATH=DIR, DESTDIR=DIR, V=1'

setup:
	@tools/setup.sh

demo: setup
	@tools/lab/demo --kernel $(KERNEL) $(DEMO_ARGS)

check: setup
	@tools/lab/check --kernel $(KERNEL) $(CHECK_ARGS)

check-all: setup
	@KAWELA_VARIANTS=0 tools/lab/check --kernel $(KERNEL) $(CHECK_ARGS)

# On a kernel that finds what Debian's lets pass (tools/lab/image/debug.config)
DRIVERS = host clients mixed races sweep

check-debug: setup
	@KAWELA_VARIANTS=0 tools/lab/check --kernel debug-$(KERNEL:debug-%=%) $(DRIVERS:%=--session %) $(CHECK_ARGS)
	@cd tools/lab/tests && LAB_DEBUG_KERNEL=debug-$(KERNEL:debug-%=%) PYTHONPATH=.. \
		python3 -m unittest test_reports.Reports.test_debug

check-races: setup
	@KAWELA_SECONDS=$${KAWELA_SECONDS:-3600} tools/lab/check \
		--kernel debug-$(KERNEL:debug-%=%) --session races $(CHECK_ARGS)

check-hostile: setup
	@tools/lab/check --kernel $(KERNEL) --session hostile $(CHECK_ARGS)

check-fuzz: setup
	@cd tools/lab/tests && KAWELA_FUZZ_CASES=$${KAWELA_FUZZ_CASES:-1000000} \
		PYTHONPATH=.. python3 -m unittest test_units

check-programs: setup
	@tools/lab/check --kernel $(KERNEL) --session programs $(CHECK_ARGS)

# Here, with this machine's compiler
check-lend:
	@$(MAKE) -C tools/lend check MESSAGES=$${MESSAGES:-1000000} SEED=$${KAWELA_SEED:-}

lend:
	@$(MAKE) -C tools/lend

# One after the other, so that each has the machine to itself
PLATFORMS = x86-vtd x86-amdvi virtio-sriov hosts

check-platforms: setup
	@tools/lab/check --kernel $(KERNEL) --jobs 1 $(PLATFORMS:%=--session %) $(CHECK_ARGS)

soak: setup
	@tools/lab/check --kernel $(KERNEL) --session soak $(CHECK_ARGS)

mutants: setup
	@tools/lab/mutants --kernel $(KERNEL) $(MUTANTS_ARGS)

coverage: setup
	@tools/lab/coverage $(COVERAGE_ARGS)

figures: setup
	@tools/lab/figures --kernel $(KERNEL) $(FIGURES_ARGS)

UPSTREAM = upstream-pf upstream-vf upstream-pf-long upstream-vf-long \
	upstream-pf-hw upstream-vf-hw

upstream: setup
	@for k in 6.12 7.3; do tools/lab/check --kernel $$k \
		$(UPSTREAM:%=--session %) $(CHECK_ARGS) || exit; done

lint: setup
	@tools/lab/lint $(LINT_ARGS)

picture:
	@tools/check/picture.py --draw

doctor:
	@tools/lab/lab doctor

shell: setup
	@tools/lab/lab shell host --kernel $(KERNEL)

lab.1:
	@tools/lab/lab man > $@

modules:
	@[ -e $(KDIR)/Makefile ] || { echo 'no kernel headers in $(KDIR): install' \
		"build-essential and linux-headers-$$(uname -r), or say KDIR=DIR" >&2; \
		exit 1; }
	$(KBUILD) modules

# kbuild's own depmod wants a System.map, which kernel headers don't have
install: modules
	$(KBUILD) INSTALL_MOD_PATH=$(ROOT) INSTALL_MOD_DIR=updates cmd_depmod=: \
		quiet_cmd_depmod= modules_install
	install -D -m 644 tools/install/kawela.conf $(ROOT)/lib/modprobe.d/kawela.conf
	$(index)

uninstall:
	rm -f $(MODULES)/$(INSTALLED)/*/*.ko* $(ROOT)/lib/modprobe.d/kawela.conf
	[ ! -d $(MODULES)/$(INSTALLED) ] || (cd $(MODULES) && \
		rmdir -p --ignore-fail-on-non-empty $(INSTALLED)/*)
	$(index)

# All that is needed to build the modules, and nothing that was built
install-dkms:
	$(if $(ROOT),,@command -v dkms > /dev/null || { echo 'dkms is not installed' >&2; \
		exit 1; })
	rm -rf $(SOURCES)
	mkdir -p $(SOURCES)
	find Kbuild LICENSE include drivers \( -name '*.[ch]' -o -name '*.sh' \
		-o -name Kbuild -o -name Makefile -o -name LICENSE \) ! -name '*.mod.c' \
		-exec cp --parents {} $(SOURCES) \;
	install -m 644 tools/install/dkms.conf $(SOURCES)
	install -D -m 644 tools/install/kawela.conf $(ROOT)/lib/modprobe.d/kawela.conf
	$(if $(ROOT),,dkms install kawela/$(VERSION))

uninstall-dkms:
	$(if $(ROOT),,dkms remove kawela/$(VERSION) --all)
	rm -rf $(SOURCES) $(ROOT)/lib/modprobe.d/kawela.conf

# A package's own scripts index the system that it is installed on
index = $(if $(DESTDIR),,depmod $(if $(ROOT),-b $(ROOT)) $(RELEASE))

clean:
	$(KBUILD) clean
	$(MAKE) -C tools/lend clean
	rm -f lab.1

clean-cache:
	@tools/lab/lab clean

.PHONY: help setup demo check check-all check-debug check-races check-hostile \
	check-fuzz check-programs check-lend lend check-platforms soak upstream mutants coverage figures lint \
	picture doctor shell lab.1 modules \
	install uninstall install-dkms uninstall-dkms clean clean-cache
