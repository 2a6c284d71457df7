#include "ini.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failed;

static void expect(const char *told, int right)
{
	if (!right) {
		printf("wrong: %s\n", told);
		failed = 1;
	}
}

int main(void)
{
	struct ini_error error = {0};
	struct ini *ini = ini_parse("top = 1\n[net]\nhost = a\n; no\nhost = b\nport=80\n[a]\nx = y=z\n", &error);
	char *text;

	expect("get", strcmp(ini_get(ini, "net", "host"), "b") == 0);
	expect("count", ini_count(ini) == 4);
	expect("remove", ini_remove(ini, "net", "port") == 1 && ini_remove(ini, "net", "port") == 0);
	text = ini_write(ini);
	expect("write", strcmp(text, "top = 1\n[a]\nx = y=z\n[net]\nhost = b\n") == 0);
	free(text);
	ini_free(ini);
	expect("error", ini_parse("a=1\nb\n", &error) == NULL && error.line == 2);
	ini_error_free(&error);
	return failed;
}
