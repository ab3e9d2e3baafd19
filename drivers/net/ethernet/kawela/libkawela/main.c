// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module around the datapath that kawela and kawelavf share.
 */
#include <linux/module.h>

MODULE_DESCRIPTION("Intel 82576 datapath shared by kawela and kawelavf");
MODULE_LICENSE("GPL");
