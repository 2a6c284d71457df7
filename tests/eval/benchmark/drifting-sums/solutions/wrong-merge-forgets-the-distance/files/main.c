#include "stats.h"
#include "window.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	struct stats stats = {0};
	struct window *window = NULL;
	unsigned long skipped = 0;
	char line[256];

	if (argc == 3 && strcmp(argv[1], "-w") == 0 && atoi(argv[2]) > 0) {
		window = window_new((size_t)atoi(argv[2]));
	} else if (argc != 1) {
		fprintf(stderr, "usage: series [-w N] < numbers\n");
		return 2;
	}
	while (fgets(line, sizeof line, stdin)) {
		char *end;
		double value = strtod(line, &end);

		if (end == line || !isfinite(value)) {
			skipped++;
			continue;
		}
		stats_add(&stats, value);
		if (window)
			window_add(window, value);
	}
	printf("count %zu\nmean %.9g\ndeviation %.9g\n", stats_count(&stats), stats_mean(&stats), stats_deviation(&stats));
	if (stats_count(&stats))
		printf("min %.9g\nmax %.9g\n", stats_min(&stats), stats_max(&stats));
	if (window)
		printf("last %.9g\n", window_mean(window));
	if (skipped)
		printf("skipped %lu\n", skipped);
	window_free(window);
	return 0;
}
