#include "report.h"
#include "track.h"

#include <stdio.h>
#include <string.h>

static const struct unit *unit_named(const char *name)
{
	for (unsigned i = 0; i <= UNIT_COUNT; i++)
		if (strcmp(UNITS[i].name, name) == 0)
			return &UNITS[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct unit *unit = unit_named(argc > 1 ? argv[1] : "kmh");
	struct track track;
	int wrong;

	if (!unit) {
		fprintf(stderr, "tracks: there is no unit %s\n", argv[1]);
		return 2;
	}
	track_init(&track);
	wrong = track_read(&track, stdin);
	if (wrong) {
		fprintf(stderr, "tracks: line %d is not a point\n", wrong);
		return 1;
	}
	report(&track, unit);
	track_free(&track);
	return 0;
}
