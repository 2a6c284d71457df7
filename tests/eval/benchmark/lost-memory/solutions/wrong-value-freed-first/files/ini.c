#include "ini.h"

#include <stdlib.h>
#include <string.h>

struct ini *ini_new(void)
{
	return calloc(1, sizeof(struct ini));
}

void ini_free(struct ini *ini)
{
	if (!ini)
		return;
	for (size_t i = 0; i < ini->count; i++) {
		free(ini->entries[i].section);
		free(ini->entries[i].name);
		free(ini->entries[i].value);
	}
	free(ini->entries);
	free(ini);
}

static struct ini_entry *find(const struct ini *ini, const char *section, const char *name)
{
	for (size_t i = 0; i < ini->count; i++) {
		struct ini_entry *entry = &ini->entries[i];

		if (strcmp(entry->section, section) == 0 && strcmp(entry->name, name) == 0)
			return entry;
	}
	return NULL;
}

const char *ini_get(const struct ini *ini, const char *section, const char *name)
{
	struct ini_entry *entry = find(ini, section, name);

	return entry ? entry->value : NULL;
}

int ini_set(struct ini *ini, const char *section, const char *name, const char *value)
{
	struct ini_entry *entry = find(ini, section, name);

	if (entry) {
		free(entry->value);
		entry->value = strdup(value);
		return entry->value ? 0 : -1;
	}
	if (ini->count == ini->room) {
		size_t room = ini->room ? ini->room * 2 : 4;
		struct ini_entry *entries = realloc(ini->entries, room * sizeof *entries);

		if (!entries)
			return -1;
		ini->entries = entries;
		ini->room = room;
	}
	entry = &ini->entries[ini->count];
	entry->section = strdup(section);
	entry->name = strdup(name);
	entry->value = strdup(value);
	if (!entry->section || !entry->name || !entry->value) {
		free(entry->section);
		free(entry->name);
		free(entry->value);
		return -1;
	}
	ini->count++;
	return 0;
}

int ini_remove(struct ini *ini, const char *section, const char *name)
{
	struct ini_entry *entry = find(ini, section, name);

	if (!entry)
		return 0;
	free(entry->section);
	free(entry->name);
	free(entry->value);
	memmove(entry, entry + 1, (size_t)(ini->entries + ini->count - entry - 1) * sizeof *entry);
	ini->count--;
	return 1;
}

size_t ini_count(const struct ini *ini)
{
	return ini->count;
}

static int set_all(struct ini *into, const struct ini *from)
{
	for (size_t i = 0; i < from->count; i++) {
		struct ini_entry *entry = &from->entries[i];

		if (ini_set(into, entry->section, entry->name, entry->value) < 0)
			return -1;
	}
	return 0;
}

int ini_merge(struct ini *into, const struct ini *from)
{
	/* Into a copy, which takes the place of the old one if everything could be set. */
	struct ini *merged = ini_new();
	struct ini old = *into;

	if (!merged)
		return -1;
	if (set_all(merged, into) < 0 || set_all(merged, from) < 0) {
		ini_free(merged);
		return -1;
	}
	*into = *merged;
	*merged = old;
	ini_free(merged);
	return 0;
}
