#ifndef INI_H
#define INI_H

#include <stddef.h>

struct ini_entry {
	char *section, *name, *value;
};

struct ini {
	struct ini_entry *entries;
	size_t count, room;
};

struct ini_error {
	int line; /* 0: no memory was left */
	char *message;
};

struct ini *ini_new(void);
void ini_free(struct ini *ini);

/* error may be NULL. */
struct ini *ini_parse(const char *text, struct ini_error *error);
void ini_error_free(struct ini_error *error);

const char *ini_get(const struct ini *ini, const char *section, const char *name);
int ini_set(struct ini *ini, const char *section, const char *name, const char *value);
int ini_remove(struct ini *ini, const char *section, const char *name); /* 1 if it was there */
size_t ini_count(const struct ini *ini);
int ini_merge(struct ini *into, const struct ini *from);
char *ini_write(const struct ini *ini);

#endif
