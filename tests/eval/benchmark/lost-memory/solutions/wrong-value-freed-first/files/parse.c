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

static int fail(struct ini_error *error, int line, const char *says, const char *what)
{
	if (error) {
		size_t size = strlen(says) + strlen(what) + 3;

		error->line = line;
		error->message = malloc(size);
		if (error->message)
			snprintf(error->message, size, "%s: %s", says, what);
	}
	return -1;
}

static int no_memory(struct ini_error *error)
{
	if (error) {
		error->line = 0;
		error->message = NULL;
	}
	return -1;
}

/* Reads the lines of a text, which is changed. */
static int read_lines(struct ini *ini, char *next, struct ini_error *error)
{
	const char *section = "";
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
				return fail(error, number, "not a section", line);
			*end = '\0';
			section = trim(line + 1);
			continue;
		}
		equals = strchr(line, '=');
		if (!equals)
			return fail(error, number, "no value", line);
		*equals = '\0';
		if (ini_set(ini, section, trim(line), trim(equals + 1)) < 0)
			return no_memory(error);
	}
	return 0;
}

struct ini *ini_parse(const char *text, struct ini_error *error)
{
	struct ini *ini = ini_new();
	char *copy = strdup(text);

	if ((ini && copy ? read_lines(ini, copy, error) : no_memory(error)) < 0) {
		ini_free(ini);
		ini = NULL;
	}
	free(copy);
	return ini;
}

void ini_error_free(struct ini_error *error)
{
	free(error->message);
	error->message = NULL;
}
