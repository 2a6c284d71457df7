#ifndef WINDOW_H
#define WINDOW_H

#include <stddef.h>

/* The last values of a series. */
struct window;

struct window *window_new(size_t size);
void window_add(struct window *window, double value);
double window_mean(const struct window *window); /* 0 without values */
void window_free(struct window *window);

#endif
