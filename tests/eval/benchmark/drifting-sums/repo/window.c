#include "window.h"

#include <stdlib.h>

struct window {
	size_t size, count, at;
	double sum;
	double values[];
};

struct window *window_new(size_t size)
{
	struct window *window = malloc(sizeof *window + size * sizeof *window->values);

	if (!window)
		abort();
	window->size = size;
	window->count = window->at = 0;
	window->sum = 0;
	return window;
}

void window_add(struct window *window, double value)
{
	if (window->count == window->size)
		window->sum -= window->values[window->at];
	else
		window->count++;
	window->values[window->at] = value;
	window->sum += value;
	window->at = (window->at + 1) % window->size;
}

double window_mean(const struct window *window)
{
	return window->count ? window->sum / window->count : 0;
}

void window_free(struct window *window)
{
	free(window);
}
