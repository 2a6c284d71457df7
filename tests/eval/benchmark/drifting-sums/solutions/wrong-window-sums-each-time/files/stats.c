#include "stats.h"

#include <math.h>

void stats_add(struct stats *stats, double value)
{
	if (stats->count == 0 || value < stats->min)
		stats->min = value;
	if (stats->count == 0 || value > stats->max)
		stats->max = value;
	stats->count++;
	double away = value - stats->mean;
	stats->mean += away / stats->count;
	stats->squares += away * (value - stats->mean);
}

void stats_merge(struct stats *stats, const struct stats *other)
{
	if (other->count == 0)
		return;
	if (stats->count == 0) {
		*stats = *other;
		return;
	}
	double count = (double)stats->count + other->count, away = other->mean - stats->mean;
	stats->squares += other->squares + away * away * ((double)stats->count / count * other->count);
	stats->mean += away * (other->count / count);
	stats->count += other->count;
	if (other->min < stats->min)
		stats->min = other->min;
	if (other->max > stats->max)
		stats->max = other->max;
}

size_t stats_count(const struct stats *stats)
{
	return stats->count;
}

double stats_mean(const struct stats *stats)
{
	return stats->mean;
}

double stats_deviation(const struct stats *stats)
{
	if (stats->count < 2)
		return 0;
	return sqrt(stats->squares / (stats->count - 1));
}

double stats_min(const struct stats *stats)
{
	return stats->min;
}

double stats_max(const struct stats *stats)
{
	return stats->max;
}
