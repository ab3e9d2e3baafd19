/* SPDX-License-Identifier: GPL-2.0 */
/* Tracepoints are not what unit tests look at */
