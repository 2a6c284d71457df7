#include "../stats.h"
#include "../window.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int failed;

static void near(const char *told, double got, double want, double size)
{
	if (!(fabs(got - want) <= 1e-9 * fabs(size))) {
		printf("%s: %.15g instead of %.15g\n", told, got, want);
		failed = 1;
	}
}

static unsigned long long state = 88172645463325252ULL;

static double chance(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (double)(state >> 11) / 9007199254740992.0;
}

static void deviation_of(const char *told, double offset, double spread, size_t count, size_t cut)
{
	double *values = malloc(count * sizeof *values);
	struct stats whole = {0}, left = {0}, right = {0};
	long double mean = 0, sum = 0;

	for (size_t i = 0; i < count; i++) {
		values[i] = offset + (i < cut ? spread * chance() : spread * 3 * chance());
		mean += values[i];
	}
	mean /= count;
	for (size_t i = 0; i < count; i++) {
		sum += (values[i] - mean) * (values[i] - mean);
		stats_add(&whole, values[i]);
		stats_add(i < cut ? &left : &right, values[i]);
	}
	double want = (double)sqrtl(sum / (count - 1));
	near(told, stats_deviation(&whole), want, want * 1000);
	near(told, stats_mean(&whole), (double)mean, (double)mean);
	stats_merge(&left, &right);
	near(told, stats_deviation(&left), want, want * 1000);
	near(told, stats_mean(&left), (double)mean, (double)mean);
	near(told, stats_min(&left), stats_min(&whole), 0);
	near(told, stats_max(&left), stats_max(&whole), 0);
	if (stats_count(&left) != count)
		near(told, 0, 1, 1);
	free(values);
}

int main(void)
{
	struct stats none = {0}, some = {0}, other = {0};

	deviation_of("near zero", -0.5, 1, 1000, 300);
	deviation_of("far from zero", 2e7, 1, 20000, 7000);
	deviation_of("very far from zero", -3e9, 40, 50000, 49999);
	deviation_of("many", 1e6, 0.5, 400000, 100000);
	near("nothing", stats_mean(&none), 0, 0);
	near("nothing", stats_deviation(&none), 0, 0);
	for (int i = 0; i < 10; i++)
		stats_add(&some, 123456789.1);
	near("the same value", stats_deviation(&some), 0, 0);
	near("the same value", stats_mean(&some), 123456789.1, 1e8);
	stats_merge(&some, &none);
	near("merged with nothing", stats_min(&some), 123456789.1, 0);
	stats_add(&other, -7);
	stats_merge(&none, &other);
	near("nothing merged with one", stats_max(&none), -7, 0);
	near("nothing merged with one", stats_mean(&none), -7, 0);
	near("nothing merged with one", stats_deviation(&none), 0, 0);
	stats_merge(&none, &(struct stats){0});
	near("and with nothing", stats_mean(&none), -7, 0);

	struct window *window = window_new(3);
	near("an empty window", window_mean(window), 0, 0);
	window_add(window, 0.1);
	near("one", window_mean(window), 0.1, 0.1);
	window_add(window, 1e15);
	window_add(window, 0.2);
	window_add(window, 0.3);
	window_add(window, 0.4);
	near("after a large value", window_mean(window), 0.3, 0.4);
	window_add(window, -8e14);
	for (int i = 0; i < 3; i++)
		window_add(window, 1e-3);
	near("after another", window_mean(window), 1e-3, 1e-3);
	window_free(window);
	/* Large values come and go for a long time, in windows of many sizes. */
	for (size_t size = 1; size < 200; size += 33) {
		double *last = calloc(size, sizeof *last);
		window = window_new(size);
		for (size_t i = 0; i < 20000; i++) {
			double value = (i / (2 * size)) % 2 ? 1e12 * chance() : chance();
			last[i % size] = value;
			window_add(window, value);
			if (i % 97 == 0 && i >= size) {
				double sum = 0, largest = 0;
				for (size_t k = 0; k < size; k++) {
					sum += last[k];
					largest = fmax(largest, fabs(last[k]));
				}
				near("a long series", window_mean(window), sum / size, largest);
			}
		}
		window_free(window);
		free(last);
		if (failed)
			break;
	}
	/* A large window may not cost more for each value: a million times 100,000 would take minutes. */
	window = window_new(100000);
	double seen = 0;
	for (size_t i = 0; i < 1000000; i++) {
		window_add(window, (double)(i % 7));
		seen += window_mean(window);
	}
	near("a large window", window_mean(window), 3, 1e6);
	near("a large window", seen / 1000000, 3, 1e6);
	window_free(window);
	if (!failed)
		puts("passed");
	return failed;
}
