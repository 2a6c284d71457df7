#include "track.h"

#include <stdlib.h>
#include <string.h>

void track_init(struct track *track)
{
	memset(track, 0, sizeof track);
}

static void add(struct track *track, struct point point)
{
	if (track->count == track->room) {
		track->room = track->room ? track->room * 2 : 16;
		track->points = realloc(track->points, track->room * sizeof *track->points);
		if (!track->points)
			abort();
	}
	track->points[track->count++] = point;
}

int track_read(struct track *track, FILE *file)
{
	char line[128];
	int number = 0;

	while (fgets(line, sizeof line, file)) {
		struct point point;

		number++;
		if (line[0] == '#' || line[0] == '\n')
			continue;
		if (sscanf(line, "%lf %lf %d", &point.at.latitude, &point.at.longitude, &point.seconds) != 3)
			return number;
		add(track, point);
	}
	return 0;
}

double track_length(const struct track *track)
{
	double sum = 0;

	for (size_t i = 1; i < track->count; i++)
		sum += distance(track->points[i - 1].at, track->points[i].at);
	return sum;
}

long track_duration(const struct track *track)
{
	for (int i = track->count; i > 1; )
		return track->points[i - 1].seconds - track->points[0].seconds;
}

void track_free(struct track *track)
{
	free(track->points);
}
