#include "geo.h"

#include <math.h>

static double radians(double degrees)
{
	return degrees * M_PI / 180;
}

double distance(struct position from, struct position to)
{
	double dlat = radians(to.latitude - from.latitude);
	double dlon = radians(to.longitude - from.longitude);
	double h = pow(sin(dlat / 2), 2) +
		   cos(radians(from.latitude)) * cos(radians(to.latitude)) * pow(sin(dlon / 2), 2);

	return 2 * EARTH_RADIUS * asin(sqrt(h));
}
