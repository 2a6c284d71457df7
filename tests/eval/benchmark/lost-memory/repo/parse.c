#include "ini.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *trim(char *text)
{
	char *end;

	while (isspace((unsigned char)*text))
		text++;
	end = text + strlen(text);
	while (end > text && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return text;
}

static struct ini *fail(struct ini *ini, struct ini_error *error, int line, const char *says, const char *what)
{
	if (error) {
		size_t size = strlen(says) + strlen(what) + 3;

		error->line = line;
		error->message = malloc(size);
		snprintf(error->message, size, "%s: %s", says, what);
	}
	ini_free(ini);
	return NULL;
}

struct ini *ini_parse(const char *text, struct ini_error *error)
{
	struct ini *ini = ini_new();
	char *copy = strdup(text), *section = strdup(""), *next = copy;
	int number = 0;

	while (next && *next) {
		char *line = next, *equals;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		number++;
		line = trim(line);
		if (*line == '\0' || *line == '#' || *line == ';')
			continue;
		if (*line == '[') {
			char *end = strchr(line, ']');

			if (!end || end[1])
				return fail(ini, error, number, "not a section", line);
			*end = '\0';
			section = strdup(trim(line + 1));
			continue;
		}
		equals = strchr(line, '=');
		if (!equals)
			return fail(ini, error, number, "no value", line);
		*equals = '\0';
		ini_set(ini, section, trim(line), trim(equals + 1));
	}
	free(copy);
	free(section);
	return ini;
}

void ini_error_free(struct ini_error *error)
{
	free(error->message);
	error->message = NULL;
}
