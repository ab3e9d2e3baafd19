// SPDX-License-Identifier: GPL-2.0-only
/* What is lent to whom, and no thing to two. */

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

#define DEADLINE	20

static bool set_text(char *to, size_t size, const char *value)
{
	if (!*value || strlen(value) >= size)
		return false;
	strcpy(to, value);
	return true;
}

static bool is_pci(const char *value)
{
	unsigned int domain, bus, slot, function;
	int end = 0;

	return sscanf(value, "%4x:%2x:%2x.%1o%n", &domain, &bus, &slot, &function, &end) == 4 &&
	       !value[end] && end == 12;
}

static bool set_pci(char *to, size_t size, const char *value)
{
	return is_pci(value) && set_text(to, size, value);
}

static bool set_size(uint64_t *to, const char *value)
{
	static const char units[] = "KMG";
	const char *unit;
	char *end;

	if (!isdigit((unsigned char)*value))
		return false;
	errno = 0;
	*to = strtoull(value, &end, 10);
	unit = *end ? strchr(units, *end) : NULL;
	if (errno || (*end && (!unit || end[1])))
		return false;
	for (; unit && unit >= units; unit--) {
		if (*to >> 54)
			return false;
		*to <<= 10;
	}
	return *to && !(*to & 4095);
}

static bool set_seconds(unsigned int *to, const char *value)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	*to = (unsigned int)n;
	return isdigit((unsigned char)*value) && !*end && n >= 1 && n <= 600;
}

static bool set(struct loan_config *c, const char *key, const char *value)
{
	if (!strcmp(key, "vf"))
		return set_pci(c->vf, sizeof(c->vf), value);
	if (!strcmp(key, "window"))
		return set_pci(c->window, sizeof(c->window), value);
	if (!strcmp(key, "size"))
		return set_size(&c->size, value);
	if (!strcmp(key, "port"))
		return set_text(c->port, sizeof(c->port), value);
	if (!strcmp(key, "deadline"))
		return set_seconds(&c->deadline, value);
	return false;
}

/* One line into C. Return: what is wrong with it, or NULL. */
static const char *parse(char *line, struct loan_config *c)
{
	char *save = NULL, *word = strtok_r(line, " \t\n", &save);
	static char text[160];

	*c = (struct loan_config){ .deadline = DEADLINE };
	if (strchr(word, '=') || !set_text(c->name, sizeof(c->name), word))
		return "a line begins with the loan's name";
	while ((word = strtok_r(NULL, " \t\n", &save))) {
		char *value = strchr(word, '=');

		if (value)
			*value++ = 0;
		if (!value || !set(c, word, value)) {
			snprintf(text, sizeof(text), "%.40s=%.60s isn't understood: vf= and "
				 "window= are PCI addresses, size= is pages, deadline= is 1 to "
				 "600", word, value ?: "");
			return text;
		}
	}
	return *c->vf && *c->window && *c->port && c->size ? NULL :
	       "vf=, window=, size= and port= have to be there";
}

/* What two loans have in common, or NULL */
static const char *common(const struct loan_config *a, const struct loan_config *b)
{
	if (!strcmp(a->name, b->name))
		return "name";
	if (!strcmp(a->vf, b->vf))
		return "VF";
	if (!strcmp(a->window, b->window))
		return "window";
	return strcmp(a->port, b->port) ? NULL : "port";
}

static const char *add(char *line, struct loan_config *loans, int n)
{
	static char text[160];
	const char *wrong;

	if (n == CONFIG_LOANS)
		return "too many loans";
	wrong = parse(line, &loans[n]);
	if (wrong)
		return wrong;
	for (int i = 0; i < n; i++) {
		const char *what = common(&loans[i], &loans[n]);

		if (!what)
			continue;
		snprintf(text, sizeof(text), "%s and %s have the same %s: no %s is lent to two",
			 loans[i].name, loans[n].name, what, what);
		return text;
	}
	return NULL;
}

int config_read(const char *path, struct loan_config *loans, char *why, size_t length)
{
	FILE *file = fopen(path, "re");
	const char *wrong = NULL;
	char line[512];
	int n = 0, number = 0;

	if (!file) {
		snprintf(why, length, "%s: %s", path, strerror(errno));
		return -1;
	}
	while (!wrong && fgets(line, sizeof(line), file)) {
		number++;
		if (line[strspn(line, " \t\n")] == 0 || line[strspn(line, " \t")] == '#')
			continue;
		wrong = add(line, loans, n);
		n += !wrong;
	}
	fclose(file);
	if (wrong)
		snprintf(why, length, "%s:%d: %s", path, number, wrong);
	else if (!n)
		snprintf(why, length, "%s: no loans", path);
	return wrong || !n ? -1 : n;
}
