/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A test is a function; CHECK_EQ() says what differs.
 */
#ifndef _KAWELA_UNIT_H
#define _KAWELA_UNIT_H

#include <stdio.h>

static int unit_failed;
static int unit_checks;

#define CHECK_EQ(got, want)						\
	do {								\
		unsigned long long _got = (got), _want = (want);	\
									\
		unit_checks++;						\
		if (_got != _want) {					\
			unit_failed++;					\
			printf("%s:%d: %s is 0x%llx, not 0x%llx\n",	\
			       __FILE__, __LINE__, #got, _got, _want);	\
		}							\
	} while (0)

#define UNIT_MAIN(...)							\
	int main(void)							\
	{								\
		void (*tests[])(void) = { __VA_ARGS__ };		\
									\
		for (unsigned int i = 0;				\
		     i < sizeof(tests) / sizeof(tests[0]); i++)		\
			tests[i]();					\
		printf("%d checks, %d failed\n", unit_checks,		\
		       unit_failed);					\
		return !!unit_failed;					\
	}

#endif /* _KAWELA_UNIT_H */
