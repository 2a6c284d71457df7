#include "ini.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *one, const void *other)
{
	return strcmp(*(const char *const *)one, *(const char *const *)other);
}

static char *append(char *text, const char *more)
{
	size_t length = text ? strlen(text) : 0;

	char *longer = text ? realloc(text, length + strlen(more) + 1) : NULL;

	if (longer)
		strcpy(longer + length, more);
	else
		free(text);
	return longer;
}

char *ini_write(const struct ini *ini)
{
	char **sections = malloc((ini->count + 1) * sizeof *sections);
	char *text = calloc(1, 1);
	size_t count = 0;

	if (!sections || !text) {
		free(sections);
		free(text);
		return NULL;
	}

	for (size_t i = 0; i < ini->count; i++) {
		size_t at = 0;

		while (at < count && strcmp(sections[at], ini->entries[i].section))
			at++;
		if (at == count)
			sections[count++] = ini->entries[i].section;
	}
	qsort(sections, count, sizeof *sections, by_name);
	for (size_t at = 0; at < count; at++) {
		if (*sections[at]) {
			text = append(text, "[");
			text = append(text, sections[at]);
			text = append(text, "]\n");
		}
		for (size_t i = 0; i < ini->count; i++) {
			if (strcmp(ini->entries[i].section, sections[at]))
				continue;
			text = append(text, ini->entries[i].name);
			text = append(text, " = ");
			text = append(text, ini->entries[i].value);
			text = append(text, "\n");
		}
	}
	free(sections);
	return text;
}
