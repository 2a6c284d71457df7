#include "report.h"

#include "track.h"

#include <stdio.h>

void report(const struct track *track, const struct unit *unit)
{
	long seconds = track_duration(track);
	double length = track_length(track);

	printf("%zu points, %.1f m\n", track->count, length);
	printf("%ld:%02ld:%02ld\n", seconds / 3600, seconds / 60 % 60, seconds % 60);
	if (seconds > 0)
		printf("%.1f %s\n", length / seconds * unit->factor, unit->sign);
}
