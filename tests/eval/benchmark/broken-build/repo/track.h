#ifndef TRACK_H
#define TRACK_H

#include "geo.h"

#include <stddef.h>
#include <stdio.h>

struct point {
	struct position at;
	long seconds;
};

struct track {
	struct point *points;
	size_t count, room;
};

void track_init(struct track *track);

/* Reads points to the end. Returns 0, or the number of the line that is not a point. */
int track_read(struct track *track, FILE *file);
double track_length(const struct track *track);
long track_duration(const struct track *track);
void track_free(struct track *track);

#endif
