#ifndef STATS_H
#define STATS_H

#include <stddef.h>

/* Set to zero before the first value: struct stats s = {0}. The fields are private. */
struct stats {
	size_t count;
	double mean;
	double squares; /* of the distances from the mean */
	double min, max;
};

void stats_add(struct stats *stats, double value);

/* Puts the values of other into stats. */
void stats_merge(struct stats *stats, const struct stats *other);

size_t stats_count(const struct stats *stats);
double stats_mean(const struct stats *stats); /* 0 without values */
double stats_deviation(const struct stats *stats); /* of a sample; 0 for less than two values */
double stats_min(const struct stats *stats);
double stats_max(const struct stats *stats);

#endif
