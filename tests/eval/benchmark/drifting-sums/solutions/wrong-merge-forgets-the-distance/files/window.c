#include "window.h"

#include <stdlib.h>

/*
 * Two stacks make a queue: the older values have the sums from each of them to the newest of the old ones, the newer
 * ones a running sum. Nothing is ever subtracted, so no value leaves a trace.
 */
struct window {
	size_t size, count, at;
	size_t old; /* values of the older stack */
	double newer;
	double *values, *sums;
};

struct window *window_new(size_t size)
{
	struct window *window = calloc(1, sizeof *window);

	if (!window)
		abort();
	window->size = size;
	window->values = calloc(size, sizeof *window->values);
	window->sums = calloc(size, sizeof *window->sums);
	if (!window->values || !window->sums)
		abort();
	return window;
}

void window_add(struct window *window, double value)
{
	if (window->count == window->size) {
		if (window->old == 0) {
			double sum = 0;

			for (size_t i = 0; i < window->size; i++) {
				size_t at = (window->at + window->size - 1 - i) % window->size;
				sum += window->values[at];
				window->sums[at] = sum;
			}
			window->old = window->size;
			window->newer = 0;
		}
		window->old--;
	} else {
		window->count++;
	}
	window->values[window->at] = value;
	window->newer += value;
	window->at = (window->at + 1) % window->size;
}

double window_mean(const struct window *window)
{
	double sum = window->newer;

	if (!window->count)
		return 0;
	if (window->old)
		sum += window->sums[window->at];
	return sum / window->count;
}

void window_free(struct window *window)
{
	if (!window)
		return;
	free(window->values);
	free(window->sums);
	free(window);
}
