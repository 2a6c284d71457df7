#ifndef GEO_H
#define GEO_H

struct position {
	double latitude, longitude;
};

#define EARTH_RADIUS 6371008.8

/* Metres between two positions, along the surface. */
double distance(struct position from, struct position to);

#endif
