# SPDX-License-Identifier: GPL-2.0-only
"""The lab: images, kernels and virtual machines for kawela's tests."""
