#include "../ini.h"
#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 4096 };
static void *blocks[MOST];
static size_t sizes[MOST];
static long live, calls, fail_at;

static void *keep(void *block, size_t size)
{
	for (int i = 0; i < MOST; i++)
		if (!blocks[i]) {
			blocks[i] = block;
			sizes[i] = size;
			live++;
			return block;
		}
	abort();
}

static size_t size_of(void *block)
{
	for (int i = 0; i < MOST; i++)
		if (blocks[i] == block)
			return sizes[i];
	puts("a block is reallocated that is not there");
	exit(1);
}

static int no_more(void) { return fail_at && ++calls >= fail_at; }

void *counted_malloc(size_t size)
{
	void *block = no_more() ? NULL : malloc(size ? size : 1);
	if (block)
		memset(block, 0xa5, size);
	return block ? keep(block, size) : NULL;
}

void *counted_calloc(size_t count, size_t size)
{
	void *block = counted_malloc(count * size);
	return block ? memset(block, 0, count * size) : NULL;
}

void counted_free(void *block)
{
	if (!block)
		return;
	for (int i = 0; i < MOST; i++)
		if (blocks[i] == block) {
			/* Filled, so that reading it afterwards is noticed. */
			memset(block, 0x5a, sizes[i]);
			blocks[i] = NULL;
			live--;
			free(block);
			return;
		}
	puts("a block is freed twice, or was never allocated");
	exit(1);
}

void *counted_realloc(void *old, size_t size)
{
	/* Always another place, so that old pointers are noticed. */
	void *block = no_more() ? NULL : malloc(size ? size : 1);
	if (!block)
		return NULL;
	memset(block, 0xa5, size);
	if (old) {
		size_t had = size_of(old);
		memcpy(block, old, had < size ? had : size);
		counted_free(old);
	}
	return keep(block, size);
}

char *counted_strdup(const char *text)
{
	char *copy = counted_malloc(strlen(text) + 1);
	return copy ? strcpy(copy, text) : NULL;
}

char *counted_strndup(const char *text, size_t most)
{
	size_t length = strnlen(text, most);
	char *copy = counted_malloc(length + 1);
	if (copy) {
		memcpy(copy, text, length);
		copy[length] = '\0';
	}
	return copy;
}

static void need(int right, const char *told)
{
	if (!right) {
		printf("%s (%ld blocks, allocation %ld)\n", told, live, fail_at);
		exit(1);
	}
}

static const char TEXT[] = "top = 1\n[net]\nhost = a\n; no\nhost = b\nport=80\n[ a ]\nx = y=z\n[net]\nlast=\n[empty]\n";
static const char WRITTEN[] = "top = 1\n[a]\nx = y=z\n[net]\nhost = b\nport = 80\nlast = \n";

static void whole(void)
{
	struct ini_error error = {0};
	struct ini *ini = ini_parse(TEXT, &error), *other = ini_parse("[net]\nport=81\nnew = 1\n[z]\na=1\nb=2\nc=3\n", NULL);
	need(ini && other && ini_count(ini) == 5, "parsing");
	char *text = ini_write(ini);
	need(text && strcmp(text, WRITTEN) == 0, "writing");
	counted_free(text);
	need(ini_merge(ini, other) == 0 && ini_count(ini) == 9 && ini_count(other) == 5, "merging");
	need(strcmp(ini_get(ini, "net", "port"), "81") == 0, "merging");
	need(ini_merge(ini, ini) == 0 && ini_count(ini) == 9, "merging with itself");
	need(ini_set(ini, "net", "port", ini_get(ini, "net", "port")) == 0, "setting its own value");
	need(strcmp(ini_get(ini, "net", "port"), "81") == 0, "setting its own value");
	need(ini_remove(ini, "net", "host") == 1 && ini_remove(ini, "net", "host") == 0 && !ini_get(ini, "net", "host"), "removing");
	for (int i = 0; i < 50; i++) {
		char name[16];
		snprintf(name, sizeof name, "n%d", i % 25);
		need(ini_set(ini, "many", name, name) == 0, "setting");
	}
	need(ini_count(ini) == 33, "setting");
	ini_free(ini);
	ini_free(other);
	ini_free(NULL);
	struct { const char *text; int line; } bad[] = {{"[a]\nb=1\nc\n", 3}, {"[a\n", 1}, {"\n[a] x\n", 2}};
	for (int i = 0; i < 3; i++) {
		need(!ini_parse(bad[i].text, &error) && error.line == bad[i].line && error.message, "an error");
		need(strlen(error.message) > 3, "the message of an error");
		ini_error_free(&error);
		need(!ini_parse(bad[i].text, NULL), "an error without a place for it");
	}
	struct ini *empty = ini_parse("", &error);
	text = ini_write(empty);
	need(text && !*text, "writing nothing");
	counted_free(text);
	ini_free(empty);
	need(live == 0, "memory is lost");
}

/* With less and less memory: the functions fail, change nothing and lose nothing. */
static void without_memory(void)
{
	for (long at = 1; at < 60; at++) {
		struct ini_error error = {0};
		calls = 0;
		fail_at = at;
		struct ini *ini = ini_parse(TEXT, &error);
		fail_at = 0;
		need(ini || error.line == 0, "no memory for parsing: line");
		if (ini)
			need(ini_count(ini) == 5 && strcmp(ini_get(ini, "net", "host"), "b") == 0, "parsing lost something");
		ini_error_free(&error);
		ini_free(ini);
		need(live == 0, "memory is lost by parsing without memory");

		calls = 0;
		fail_at = at;
		ini = ini_parse("[a]\nb\n", &error);
		fail_at = 0;
		need(!ini, "a wrong text was taken");
		ini_error_free(&error);
		need(live == 0, "memory is lost by an error without memory");

		ini = ini_parse(TEXT, NULL);
		long before = live;
		calls = 0;
		fail_at = at;
		char *text = ini_write(ini);
		fail_at = 0;
		need(!text || strcmp(text, WRITTEN) == 0, "writing without memory");
		counted_free(text);
		need(live == before, "memory is lost by writing without memory");

		calls = 0;
		fail_at = at;
		int first = ini_set(ini, "net", "host", "c");
		int second = first ? -1 : ini_set(ini, "new", "name", "value");
		fail_at = 0;
		need(ini_get(ini, "net", "host") && strcmp(ini_get(ini, "net", "host"), first ? "b" : "c") == 0, "setting without memory");
		need(!ini_get(ini, "new", "name") == (second != 0), "setting a new name without memory");
		need(ini_count(ini) == (second ? 5 : 6), "the count without memory");
		need(ini_set(ini, "x", "y", "z") == 0 && ini_set(ini, "net", "host", "d") == 0, "setting afterwards");
		ini_free(ini);
		need(live == 0, "memory is lost by setting without memory");

		ini = ini_parse("[net]\nhost=1\n", NULL);
		struct ini *from = ini_parse(TEXT, NULL);
		calls = 0;
		fail_at = at;
		int merged = ini_merge(ini, from);
		fail_at = 0;
		if (merged == 0)
			need(ini_count(ini) == 5 && strcmp(ini_get(ini, "net", "host"), "b") == 0, "merging");
		else
			need(ini_count(ini) == 1 && strcmp(ini_get(ini, "net", "host"), "1") == 0, "merging without memory changed something");
		ini_free(ini);
		ini_free(from);
		need(live == 0, "memory is lost by merging without memory");
	}
}

int main(void)
{
	for (int i = 0; i < 3; i++)
		whole();
	without_memory();
	puts("passed");
	return 0;
}
