#include "stats.h"

#include <math.h>

void stats_add(struct stats *stats, double value)
{
	if (stats->count == 0 || value < stats->min)
		stats->min = value;
	if (stats->count == 0 || value > stats->max)
		stats->max = value;
	stats->count++;
	stats->sum += value;
	stats->squares += value * value;
}

void stats_merge(struct stats *stats, const struct stats *other)
{
	stats->count += other->count;
	stats->sum += other->sum;
	stats->squares += other->squares;
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
	return stats->count ? stats->sum / stats->count : 0;
}

double stats_deviation(const struct stats *stats)
{
	if (stats->count < 2)
		return 0;
	double mean = stats_mean(stats);
	double variance = (stats->squares - stats->count * mean * mean) / (stats->count - 1);
	return sqrt(variance);
}

double stats_min(const struct stats *stats)
{
	return stats->min;
}

double stats_max(const struct stats *stats)
{
	return stats->max;
}
